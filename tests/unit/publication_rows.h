#ifndef TESTS_PUBLICATION_ROWS_H
#define TESTS_PUBLICATION_ROWS_H

/* The schema of a data table that the registry is published in, and rows of it, as JSON literals. */

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

#define ROW(key, template)                                                                                       \
	"{\"key\":\"" key "\",\"use\":\"template\",\"template\":\"" template "\",\"language\":\"en\",\"parameters\":\"\"," \
	"\"fallback\":false,\"channel\":\"\",\"text\":\"\"}"
#define DESIRED(base, template) { base ":en", ROW(base ":en", template), base }

#endif
