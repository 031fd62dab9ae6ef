/*
 * Makes a document for the proxy of Meta's OpenAPI: the paths of graph_contract.json, without what is excepted there.
 * node graph_contract.js META.yaml WABA > contract.json
 */
"use strict";
const fs = require("fs");
const path = require("path");
const yaml = require("yaml");
const [file, waba] = process.argv.slice(2);
const { paths, errors, exceptions } = JSON.parse(fs.readFileSync(path.join(__dirname, "graph_contract.json")));
const whole = yaml.parse(fs.readFileSync(file, "utf8"), { maxAliasCount: -1 });
const document = { openapi: whole.openapi, info: whole.info, components: whole.components, paths: {} };

/* Several nodes have one path: the account's own id keeps it apart from a template. */
for (const name of paths)
	document.paths[name.replace("{WABA-ID}", waba)] = whole.paths[name];
for (const item of Object.values(document.paths))
	for (const operation of [item, ...Object.values(item)]) {
		if (operation.parameters)
			operation.parameters = operation.parameters.filter((parameter) => parameter.name !== "WABA-ID");
		for (const status of operation.responses ? ["400", "401", "404"] : [])
			operation.responses[status] = operation.responses[status] ||
				{ description: errors.reason, content: { "application/json": { schema: errors.schema } } };
	}

for (const { at, value, reason } of exceptions) {
	const keys = at.replace("{WABA-ID}", waba).split(" ");
	const last = keys.pop();
	const holder = keys.reduce((object, key) => object && object[key], document);
	if (!reason || !holder || !(last in holder || value !== undefined))
		throw new Error(`there is no ${at}`);
	if (value === undefined)
		delete holder[last];
	else
		holder[last] = value;
}
process.stdout.write(JSON.stringify(document));
