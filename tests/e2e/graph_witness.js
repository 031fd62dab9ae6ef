/* Meta's own client against the emulator: lists, creates, gets, edits, deletes. Prints what it saw. */
"use strict";
const sdk = require("facebook-nodejs-business-sdk");
const [base, waba] = process.argv.slice(2);

const Api = sdk.FacebookAdsApi;
Object.defineProperty(Api, "GRAPH", { get: () => base });
const api = Api.init("EAAB-token-of-the-witness", "en_US", false);
const account = new sdk.WhatsAppBusinessAccount(waba);
const say = (what, value) => console.log(`${what}: ${JSON.stringify(value)}`);
const body = (text, samples) => ({ type: "BODY", text, ...(samples ? { example: { body_text: [samples] } } : {}) });

async function list(params) {
	const names = [];
	let page = await account.getMessageTemplates(["name", "status", "category"], params);
	for (;;) {
		page.forEach((template) => names.push(`${template.name} ${template.status} ${template.category} ${typeof template.id}`));
		if (!page.hasNext())
			return names;
		page = await page.next();
	}
}

/* The codes of an error, as a user of the client sees them. */
async function refusal(promise) {
	try {
		await promise;
		return "accepted";
	} catch (error) {
		const answer = error.response.response ? error.response.response.data.error : error.response;
		return [error.status, answer.code, answer.error_subcode];
	}
}

async function main() {
	say("account", (await account.get(["name", "currency"]))._data);
	for (let i = 0; i < 7; i++)
		await account.createMessageTemplate([], { name: `witness_${i}`, language: "en_US", category: "UTILITY",
			components: [body(`Hello {{1}}, this is text number ${i}.`, ["Ana"])] });
	say("list", await list({ limit: 3 }));
	say("filter", await list({ name: "witness_3", status: ["APPROVED"] }));
	const one = (await account.getMessageTemplates(["id", "components"], { name: "witness_3" }))[0];
	say("get", (await api.call("GET", [one.id], { fields: "name,status" })).name);
	say("edit", await api.call("POST", [one.id], { components: [body("Hello, this is another text.")] }));
	say("text", (await api.call("GET", [one.id], { fields: "components" })).components[0].text);
	say("duplicate", await refusal(account.createMessageTemplate([], { name: "witness_3", language: "en_US", category: "UTILITY",
		components: [body("Hello")] })));
	say("invalid", await refusal(account.createMessageTemplate([], { name: "Witness", language: "en_US", category: "UTILITY",
		components: [body("Hello")] })));
	await account.deleteMessageTemplates({ name: "witness_3", hsm_id: one.id });
	say("deleted", (await list({})).length);
	say("locked", await refusal(account.createMessageTemplate([], { name: "witness_3", language: "en_US", category: "UTILITY",
		components: [body("Hello")] })));
	say("apps", (await account.getSubscribedApps([])).length);
	say("app", (await api.getAppID()).data.data.app_id);
}

main().catch((error) => {
	console.error(error);
	process.exit(1);
});
