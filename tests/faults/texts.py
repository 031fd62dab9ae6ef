"""Templates as files in git, and what they come to on the wire: written from the
formats' description, so that hsmctl's own compiler is held against it.
"""
import copy
import json
import unicodedata

from law import KEEP_DEFAULT, Wanted

# greeting, before each parameter, the end, a footer's beginning
PHRASES = {
    "en_US": ("Dear customer, this is message", "with the value", "and that is all that we have to say.", "Sent by"),
    "es": ("Estimado señor, este es el mensaje", "con el valor", "y así terminó la canción.", "Enviado por"),
    "de": ("Guten Tag, dies ist für Sie die Nachricht", "mit dem Wert", "und schöne Grüße aus Köln.", "Gruß von"),
    "fr": ("Bonjour, voici le message numéro", "avec la valeur", "et voilà, à bientôt cet été.", "Envoyé par"),
    "pt_BR": ("Olá, esta é a mensagem de número", "com o valor", "e até amanhã, então.", "Enviado por"),
    "ko": ("안녕하세요 이것은 메시지 번호", "값은 다음과 같습니다", "그리고 감사합니다.", "보낸 사람"),
}
LANGUAGES = list(PHRASES)


def canonical(components):
    """The one text of a translation's components: NFC, LF, no newline at the end,
    without what the contract does not name or what is empty."""
    order = {"HEADER": 0, "BODY": 1, "FOOTER": 2, "BUTTONS": 3}

    def clean(value):
        if isinstance(value, str):
            return unicodedata.normalize("NFC", value.replace("\r\n", "\n")).rstrip("\n")
        if isinstance(value, list):
            return [clean(item) for item in value]
        if isinstance(value, dict):
            return {key: clean(item) for key, item in value.items() if item not in (None, [], "")}
        return value

    return json.dumps(clean(sorted(components, key=lambda component: order[component["type"]])),
                      sort_keys=True, ensure_ascii=False)


class Parameter:
    def __init__(self, kind, sample, by_language=None):
        self.kind, self.sample, self.by_language = kind, sample, by_language or {}

    def default(self, language):
        return self.by_language.get(language, self.sample)

    def as_file(self, languages):
        default = {language: self.default(language) for language in languages} if self.by_language else self.sample
        row = {"type": self.kind, "default": default}
        if self.kind == "CURRENCY":
            row.update(code="EUR", amount_1000=12340)
        return row

    def as_wire(self, language):
        row = {"default": self.default(language)}
        if self.kind == "CURRENCY":
            row.update(code="EUR", amount_1000=12340)
        return {"type": self.kind, self.kind.lower(): row}


class Template:
    """One file. body, header_parameter and url_parameter name parameters."""

    def __init__(self, base):
        self.base, self.category = base, "UTILITY"
        self.parameters, self.body = {}, []
        self.header, self.header_parameter = None, None  # None, "text", "image"
        self.footer = None  # None, "plain", "variable"
        self.replies, self.url, self.url_parameter = [], False, None
        self.texts = {}    # {language: a number that no other text has}
        self.pins = {}     # {language: version}
        self.keep, self.accept, self.publish = None, None, False
        self.path, self.split_files, self.decomposed = None, False, False
        self.variables = {}
        self.fallback = []  # as the file has it

    def copy(self):
        return copy.deepcopy(self)

    # What a line in git lets become active.
    def accepts(self, number):
        return self.publish or (self.accept is not None and self.accept >= number)

    @property
    def kept(self):
        return KEEP_DEFAULT if self.keep is None else self.keep

    def used_parameters(self):
        return [name for name in [self.header_parameter, *self.body, self.url_parameter] if name]

    def texts_of(self, language, spell):
        """Header, body, footer and buttons as a file has them; spell(component, name)
        is a placeholder."""
        greeting, value, end, by = PHRASES[language]
        number = self.texts[language]
        parts = {}
        if self.header == "text":
            suffix = " " + spell("HEADER", self.header_parameter) if self.header_parameter else ""
            parts["header"] = "%s %d%s" % (by.split()[0], number, suffix)
        elif self.header == "image":
            parts["header"] = {"image": "https://example.com/%s.png" % self.base}
        middle = "".join("\n%s %s," % (value, spell("BODY", name)) for name in self.body)
        parts["body"] = "%s %d.%s\n%s" % (greeting, number, middle, end)
        if self.footer:
            parts["footer"] = "%s %s" % (by, "${brand}" if self.footer == "variable" else "us")
        buttons = [{"reply": {"id": identity, "title": "%s %d" % (by.split()[0], i + 1)}}
                   for i, identity in enumerate(self.replies)]
        if self.url:
            end = spell("URL", self.url_parameter) if self.url_parameter else "order"
            buttons.append({"url": {"title": "Web", "url": "https://example.com/" + end}})
        if buttons:
            parts["buttons"] = buttons
        return parts

    # -- as files ---------------------------------------------------------

    def as_files(self):
        """{path: text}"""
        def spell(component, name):
            return "{{%s}}" % name

        lines = ["name: " + self.base, "category: " + self.category]
        if self.used_parameters():
            lines.append("parameters:")
            lines += ["  %s: %s" % (name, dump(self.parameters[name].as_file(self.texts)))
                      for name in dict.fromkeys(self.used_parameters())]
        lifecycle = {"keep": self.keep, "accept_breaking": self.accept,
                     "on_breaking": "publish" if self.publish else None}
        lifecycle = {key: value for key, value in lifecycle.items() if value is not None}
        if lifecycle:
            lines.append("lifecycle: " + dump(lifecycle))
        if self.fallback:
            lines.append("fallback: " + dump(self.fallback))
        files, inline = {}, []
        stem = self.path or "templates/" + self.base
        for i, language in enumerate(self.texts):
            parts = self.texts_of(language, spell)
            if language in self.pins:
                parts["version"] = self.pins[language]
            rows = ["%s: %s" % (key, dump(value)) for key, value in parts.items()]
            if self.split_files and i:
                files["%s/%s.yaml" % (stem, language)] = "\n".join(rows) + "\n"
            else:
                inline += ["  %s:" % language] + ["    " + row for row in rows]
        files[stem + ".yaml"] = "\n".join(lines + ["translations:"] + inline) + "\n"
        if self.decomposed:
            files = {path: unicodedata.normalize("NFD", text) for path, text in files.items()}
        return files

    # -- as the wire has it -----------------------------------------------

    def components(self, language):
        seen = {"HEADER": [], "BODY": [], "URL": []}

        def spell(component, name):
            if name not in seen[component]:
                seen[component].append(name)
            return "{{%d}}" % (seen[component].index(name) + 1)

        def parameters(component):
            return {"parameters": [self.parameters[name].as_wire(language) for name in seen[component]]}

        parts = self.texts_of(language, spell)
        rows = []
        if self.header == "text":
            rows.append({"type": "HEADER", "format": "TEXT", "text": parts["header"], **parameters("HEADER")})
        elif self.header:
            rows.append({"type": "HEADER", "format": "IMAGE", "media": parts["header"]["image"]})
        rows.append({"type": "BODY", "text": parts["body"], **parameters("BODY")})
        if self.footer:
            rows.append({"type": "FOOTER", "text": self.replace_variables(parts["footer"], language)})
        buttons = []
        for button in parts.get("buttons", []):
            if "reply" in button:
                buttons.append({"type": "REPLY", **button})
            else:
                buttons.append({"type": "URL", "url": {**button["url"], **parameters("URL")}})
        if buttons:
            rows.append({"type": "BUTTONS", "buttons": buttons})
        return rows

    def replace_variables(self, text, language):
        value = self.variables.get("brand", "")
        return text.replace("${brand}", value[language] if isinstance(value, dict) else value)

    def names(self):
        header = [self.header_parameter] if self.header_parameter else []
        url = [self.url_parameter] if self.url_parameter else []
        return tuple(header), tuple(dict.fromkeys(self.body)), tuple(url)

    def signature_of(self, language):
        """A function of the names that its parameters are known by, or None."""
        kinds = [[(self.parameters[name].kind, self.parameters[name].default(language)) for name in component]
                 for component in self.names()]
        media = self.header if self.header == "image" else None
        buttons = tuple(sorted(self.replies)) + (("URL",) if self.url else ())

        def make(names):
            named = names or [[None] * len(component) for component in kinds]
            return media, tuple(tuple((name, kind, sample) for name, (kind, sample) in zip(some, component))
                                for some, component in zip(named, kinds)), buttons
        return make


class Compiled:
    """A template as the law looks at it."""

    def __init__(self, template, signatures):
        self.category, self.keep, self.accepts = template.category, template.kept, template.accepts
        self.wanted, self.components = {}, {}
        for language in template.texts:
            components = template.components(language)
            content = canonical(components)
            signatures[content] = template.signature_of(language)
            self.components[language] = components
            self.wanted[language] = Wanted(content, template.names(), template.pins.get(language),
                                           signatures[content](template.names()))


def dump(value):
    return json.dumps(value, ensure_ascii=False)
