#ifndef TESTS_PUBLICATION_ROWS_H
#define TESTS_PUBLICATION_ROWS_H

/* The schemas of data tables that the registry is published in, and rows of them, as JSON literals. */

#define PROPERTY(name, type, title, order)                                                                       \
	"\"" name "\":{\"$id\":\"/properties/" name "\",\"type\":\"" type "\",\"title\":\"" title "\",\"displayOrder\":" \
	order "}"
#define SCHEMA_OF(properties)                                                                                    \
	"{\"$schema\":\"http://json-schema.org/draft-04/schema#\",\"type\":\"object\",\"required\":[\"key\"],"   \
	"\"additionalProperties\":false,\"properties\":{" properties "}}"
#define FIRST PROPERTY("key", "string", "Template and language", "0") "," PROPERTY("use", "string", "Use", "1") ","  \
	PROPERTY("template", "string", "Template", "2") "," PROPERTY("language", "string", "Language", "3") ","       \
	PROPERTY("parameters", "string", "Parameters", "4")
#define LAST(fallback) PROPERTY("fallback", fallback, "Fallback", "5") "," PROPERTY("channel", "string", "Channel", "6") \
	"," PROPERTY("text", "string", "Text", "7")
#define SCHEMA SCHEMA_OF(FIRST "," LAST("boolean"))

#define ROUTES_SCHEMA                                                                                            \
	SCHEMA_OF(PROPERTY("key", "string", "Payload", "0") "," PROPERTY("target", "string", "Target", "1") ","     \
		  PROPERTY("template", "string", "Template", "2") "," PROPERTY("state", "string", "State", "3") "," \
		  PROPERTY("id", "string", "Button", "4") "," PROPERTY("data", "string", "Data", "5"))

#define ANSWERS (&hsm_publication_kinds[HSM_PUBLICATION_ANSWERS])
#define ROUTES (&hsm_publication_kinds[HSM_PUBLICATION_ROUTES])

#define ROW(key, template)                                                                                       \
	"{\"key\":\"" key "\",\"use\":\"template\",\"template\":\"" template "\",\"language\":\"en\",\"parameters\":\"\"," \
	"\"fallback\":false,\"channel\":\"\",\"text\":\"\"}"
#define DESIRED(base, template) { base ":en", ROW(base ":en", template), base }

#endif
