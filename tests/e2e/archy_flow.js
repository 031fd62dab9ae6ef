// archy_flow.js check SCHEMA FLOW: whether a flow is one by the schema, in YAML 1.1 and 1.2 alike, and whether all of
// its expressions are.
// archy_flow.js run FLOW SCENARIO: what the flow does, a line for each thing that is seen outside of it. Scenario (JSON):
// {message: {...}, participant: {...}, data: {participant data}, tables: {NAME: {KEY: ROW}} (NULL: it cannot be read),
// actions: {NAME: {outcome, answer}}}.
//
// As Architect does, it compares names without their case, and ends a flow (with "error") where an expression takes a
// value that is not set.
const fs = require("fs");
const tools = process.env.NPM_FOLDER + "/node_modules/";
const yaml = require(tools + "yaml");

const escapes = { '"': '"', "\\": "\\", n: "\n", r: "\r", t: "\t" };

function tokenize(text) {
	const tokens = [];
	for (let at = 0; at < text.length;) {
		const rest = text.slice(at);
		const word = /^[A-Za-z_][A-Za-z0-9_.]*/.exec(rest);
		if (rest[0] === " ") {
			at++;
		} else if (word) {
			tokens.push({ word: word[0] });
			at += word[0].length;
		} else if (rest.startsWith("==")) {
			tokens.push({ sign: "==" });
			at += 2;
		} else if ("(),".includes(rest[0])) {
			tokens.push({ sign: rest[0] });
			at++;
		} else if (rest[0] === '"') {
			let literal = "";
			for (at++; text[at] !== '"'; at++) {
				if (at >= text.length || text[at] === "\n") throw new Error("a literal does not end: " + text);
				if (text[at] !== "\\") literal += text[at];
				else if (escapes[text[++at]] === undefined) throw new Error("unknown escape: " + text);
				else literal += escapes[text[at]];
			}
			at++;
			tokens.push({ literal });
		} else {
			throw new Error("unknown sign at " + at + ": " + text);
		}
	}
	return tokens;
}

const functions = {
	append: [1, Infinity, (...texts) => texts.join("")],
	contains: [2, 2, (text, part) => text.toLowerCase().includes(part.toLowerCase())],
	if: [3, 3, (condition, yes, no) => (condition ? yes : no)],
	isnotsetorempty: [1, 1, (value) => value === undefined || value === ""],
};
const takesUnset = ["if", "isnotsetorempty"];

// term ("==" term)? ("or" ...)*; look(name) gives a variable's value.
function evaluate(text, look) {
	const tokens = tokenize(text);
	let at = 0;
	const take = (sign) => {
		if (!tokens[at] || tokens[at].sign !== sign) throw new Error("no '" + sign + "': " + text);
		at++;
	};
	const set = (value) => {
		if (value === undefined) throw new Error("a value that is not set: " + text);
		return value;
	};
	function term() {
		const token = tokens[at++];
		if (!token || token.sign) throw new Error("no value: " + text);
		if (token.literal !== undefined) return token.literal;
		if (!tokens[at] || tokens[at].sign !== "(") return look(token.word);
		const name = token.word.toLowerCase(), values = [];
		if (!Object.hasOwn(functions, name)) throw new Error("unknown function: " + text);
		const [least, most, call] = functions[name];
		for (take("("); ; take(",")) {
			values.push(comparison());
			if (tokens[at] && tokens[at].sign === ")") break;
		}
		take(")");
		if (values.length < least || values.length > most) throw new Error("arguments: " + text);
		if (!takesUnset.includes(name)) values.forEach(set);
		return call(...values);
	}
	function comparison() {
		let value = term();
		if (tokens[at] && tokens[at].sign === "==") {
			at++;
			const other = term();
			value = set(value) === set(other);
		}
		return value;
	}
	let value = comparison();
	while (tokens[at] && tokens[at].word && tokens[at].word.toLowerCase() === "or") {
		at++;
		const other = comparison();
		value = set(value) || set(other);
	}
	if (at !== tokens.length) throw new Error("more behind it: " + text);
	return value;
}

function check(schemaFile, flowFile) {
	const Ajv = require(tools + "ajv/dist/2020");
	const text = fs.readFileSync(flowFile, "utf8");
	const flow = yaml.parse(text), old = yaml.parse(text, { version: "1.1" });
	if (JSON.stringify(flow) !== JSON.stringify(old)) throw new Error("YAML 1.1 reads another flow");
	if (text.includes("{{")) throw new Error("something that is substituted");
	const validate = new Ajv({ strict: true, allErrors: true }).compile(JSON.parse(fs.readFileSync(schemaFile, "utf8")));
	if (!validate(flow)) throw new Error(validate.errors.map((error) => error.instancePath + " " + error.message).join("\n"));
	const names = new Set(flow.inboundShortMessage.states[0].state.variables.map((item) => item.stringVariable.name.toLowerCase()));
	if (names.size !== flow.inboundShortMessage.states[0].state.variables.length) throw new Error("two variables of a name");
	const known = (name) => {
		if (!/^(message|participant)\./i.test(name) && !names.has(name.toLowerCase())) throw new Error("unknown variable " + name);
		return "x";
	};
	let expressions = 0;
	(function walk(node) {
		for (const [key, value] of Object.entries(node ?? {})) {
			if (key === "exp") {
				evaluate(value, known);
				expressions++;
			}
			if (key === "var" || key === "variable") known(value);
			if (typeof value === "object") walk(value);
		}
	})(flow);
	if (!expressions) throw new Error("no expressions");
	console.log("valid");
}

function run(flowFile, scenarioFile) {
	const flow = yaml.parse(fs.readFileSync(flowFile, "utf8")).inboundShortMessage;
	const scenario = JSON.parse(fs.readFileSync(scenarioFile, "utf8"));
	const data = { ...scenario.data }, variables = {};
	const say = (...words) => console.log(words.join(" "));
	const look = (name) => {
		const path = name.toLowerCase().split(".");
		if (path[0] === "state") return variables[name.toLowerCase()];
		return path.reduce((value, part) => value?.[part], { message: scenario.message ?? {}, participant: scenario.participant ?? {} });
	};
	const value = (node) => (node.lit !== undefined ? node.lit : node.exp !== undefined ? evaluate(node.exp, look) : undefined);
	const assign = (outputs, row) => {
		for (const [name, output] of Object.entries(outputs ?? {}))
			if (output.var) variables[output.var.toLowerCase()] = row[name];
	};
	const only = (object) => Object.entries(object)[0];
	// true: the flow has ended.
	const path = (outputs, name) => outputs?.[name] !== undefined && runAll(outputs[name].actions);
	const kinds = {
		updateData: (action) => {
			for (const { string } of action.statements) variables[string.variable.toLowerCase()] = value(string.value);
		},
		getParticipantData: (action) => {
			for (const { attribute } of action.attributes) variables[attribute.variable.toLowerCase()] = data[attribute.name.lit];
		},
		setParticipantData: (action) => {
			for (const { attribute } of action.attributes) {
				data[attribute.name.lit] = value(attribute.value);
				say("data", attribute.name.lit + "=" + data[attribute.name.lit]);
			}
		},
		decision: (action) => path(action.outputs, value(action.condition) ? "yes" : "no"),
		switch: (action) => {
			const cases = action.evaluate.firstTrue;
			return runAll((cases.cases.find((item) => value(item.case.value))?.case ?? cases.default).actions);
		},
		dataTableLookup: (action) => {
			const [table, outputs] = only(action.dataTable), key = value(action.lookupValue), rows = scenario.tables[table];
			if (key === undefined) throw new Error("a key that is not set");
			say("lookup", table, key);
			if (rows === undefined) throw new Error("Archy finds no table " + table);
			if (rows === null) return path(action.outputs, "failure");
			if (!rows[key]) return path(action.outputs, "notFound");
			assign(outputs.foundOutputs, rows[key]);
			return path(action.outputs, "found");
		},
		callData: (action) => {
			const [name, called] = only(only(action.category)[1].dataAction);
			const inputs = Object.entries(called.inputs).map(([key, node]) => key + "=" + value(node));
			const result = scenario.actions?.[name] ?? { outcome: "failure" };
			say("call", name, inputs.join(" "));
			if (result.outcome === "success") assign(called.successOutputs, result.answer ?? {});
			return path(action.outputs, result.outcome);
		},
		sendResponse: (action) => say("response", JSON.stringify(value(action.messageBody))),
		callBotFlow: (action) => say("bot", JSON.stringify(only(action.botFlow)[0])),
		transferToAcd: (action) => {
			say("queue", JSON.stringify(action.targetQueue.lit.name));
			return true;
		},
		disconnect: () => {
			say("disconnect");
			return true;
		},
	};
	function runAll(actions) {
		return actions.some((action) => {
			const [kind, body] = only(action);
			return kinds[kind](body) === true;
		});
	}
	if (!runAll(flow.states[0].state.actions)) say("end");
}

const [command, ...files] = process.argv.slice(2);
try {
	({ check, run })[command](...files);
} catch (error) {
	console.log("error " + error.message);
	process.exitCode = 1;
}
