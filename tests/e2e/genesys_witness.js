// genesys_witness.js URL [LIBRARY]: Genesys' own client asks the emulator, and whatever it answers has the members of the
// client's own types, no others, and all that are required. Prints a line for each check. With a library: what
// hsmctl made in it.
//
// The client takes no base path with http for its login, but any gateway: that serves the login and the API.
const fs = require("fs");
const path = require("path");
const folder = path.join(process.env.NPM_FOLDER, "node_modules/purecloud-platform-client-v2");
const platform = require(folder);
const declarations = fs.readFileSync(path.join(folder, "index.d.ts"), "utf8");

let failures = 0;
function equals(name, got, wanted) {
	const [g, w] = [JSON.stringify(got), JSON.stringify(wanted)];
	console.log(g === w ? `ok    ${name}` : `FAIL  ${name}: got ${g}, wanted ${w}`);
	failures += g === w ? 0 : 1;
}

// {member: {type, required}} of an interface of Models.
function interfaceOf(name) {
	const body = new RegExp(`^\\s*export interface ${name} \\{([^]*?)^\\s*\\}`, "m").exec(declarations)[1];
	return Object.fromEntries([...body.matchAll(/^\s*"([^"]+)"(\??): (.*);$/gm)].map(([, member, optional, type]) => [member, { type, required: !optional }]));
}

// What of the value its type does not have, or it of its type.
function misfits(value, type, at) {
	const list = /^Array<(.*)>$/.exec(type);
	if (list) return Array.isArray(value) ? value.flatMap((item, i) => misfits(item, list[1], `${at}[${i}]`)) : [`${at}: no array`];
	const model = /^Models\.(\w+)$/.exec(type);
	if (!model) return ["string", "number", "boolean"].includes(type) && typeof value !== type ? [`${at}: no ${type}`] : [];
	const members = interfaceOf(model[1]);
	const lacking = Object.keys(members).filter((key) => members[key].required && value[key] === undefined).map((key) => `${at}.${key}: missing`);
	return lacking.concat(Object.keys(value).flatMap((key) => members[key] ? misfits(value[key], members[key].type, `${at}.${key}`) : [`${at}.${key}: unknown`]));
}

// The answer to a call, which must be of its type.
async function ask(name, type, promise) {
	const answer = await promise;
	equals(`${name}: a ${type}`, misfits(answer, `Models.${type}`, ""), []);
	return answer;
}

async function refused(name, promise, status, code) {
	const error = await promise.then(() => ({ status: 200 }), (caught) => caught);
	equals(`${name}: refused`, [error.status, error.code], [status, code]);
	equals(`${name}: an ErrorBody`, misfits(error, "Models.ErrorBody", ""), []);
	equals(`${name}: with the id of the request`, typeof error.contextId, "string");
}

async function connect(url) {
	const { hostname, port } = new URL(url);
	const client = platform.ApiClient.instance;
	client.setGateway({ protocol: "http", host: hostname, port: Number(port) });
	await client.loginClientCredentialsGrant(process.env.GENESYSCLOUD_OAUTHCLIENT_ID, process.env.GENESYSCLOUD_OAUTHCLIENT_SECRET);
	equals("a login", client.authData.tokenExpiryTime > Date.now(), true);
}

async function askIntegrations() {
	const api = new platform.ConversationsApi();
	const list = await ask("integrations", "WhatsAppIntegrationEntityListing", api.getConversationsMessagingIntegrationsWhatsapp({ pageSize: 1, pageNumber: 2 }));
	equals("their accounts", list.entities.map((one) => one.whatsAppBusinessAccountId), ["215589469943870121"]);
	const one = await ask("an integration", "WhatsAppIntegration", api.getConversationsMessagingIntegrationsWhatsappIntegrationId(list.entities[0].id));
	equals("is the one of the list", one, list.entities[0]);
	return (await api.getConversationsMessagingIntegrationsWhatsapp()).entities[0];
}

const content = (library) => ({
	name: "order_confirmation_v1 en_US",
	libraries: [{ id: library }],
	responseType: "MessagingTemplate",
	texts: [{ content: "Hi {{1}}, your order {{2}} is confirmed. Grüße, 日本", contentType: "text/plain", type: "body" }],
	substitutions: [{ id: "1", description: "customer", defaultValue: "Customer" }, { id: "2", description: "order_id" }],
	messagingTemplate: { whatsApp: { name: "order_confirmation_v1", language: "en_US", messageFooter: { type: "Text", content: "Reply STOP to opt-out." },
		buttons: [{ type: "QuickReply", contentText: "Help" }] } },
});

async function askResponses() {
	const api = new platform.ResponseManagementApi();
	const library = await ask("a new library", "Library", api.postResponsemanagementLibraries({ name: "hsmctl prod" }));
	await ask("a library", "Library", api.getResponsemanagementLibrary(library.id));
	const libraries = await ask("libraries", "LibraryEntityListing", api.getResponsemanagementLibraries({ libraryPrefix: "hsmctl " }));
	equals("the one of the prefix", libraries.entities, [library]);
	await ask("a renamed library", "Library", api.putResponsemanagementLibrary(library.id, { ...library, name: "hsmctl test" }));
	await refused("an old version", api.putResponsemanagementLibrary(library.id, library), 409, "version.mismatch");
	const query = { query: [{ criteria: { key: "Name", operator: "EQUALS", value: "hsmctl test" } }] };
	const found = await ask("a query for libraries", "LibraryEntityListing", api.postResponsemanagementLibrariesQuery(query));
	equals("finds it", found.entities.map((one) => one.id), [library.id]);
	const body = content(library.id);
	const response = await ask("a new response", "Response", api.postResponsemanagementResponses(body));
	const { id, version, dateCreated, selfUri, ...sent } = response;
	equals("keeps what was sent", Object.keys(body).map((key) => JSON.stringify(sent[key])), Object.values(body).map((value) => JSON.stringify(value)));
	equals("is there again", await ask("a response", "Response", api.getResponsemanagementResponse(id)), response);
	const listed = await api.getResponsemanagementResponses(library.id, { pageSize: 100 });
	equals("is in its library", [listed.total, listed.entities[0]], [1, response]);
	const results = await ask("a query for responses", "ResponseQueryResults", api.postResponsemanagementResponsesQuery({ pageSize: 500, filters: [{ name: "libraryId", operator: "IN", values: [library.id] }] }));
	equals("finds it, too", results.results.entities, [response]);
	const changed = await ask("a changed response", "Response", api.putResponsemanagementResponse(id, { ...response, texts: [{ content: "Hi {{1}}: {{2}}.", contentType: "text/plain" }] }));
	equals("has the next version", [changed.version, changed.texts[0].content], [2, "Hi {{1}}: {{2}}."]);
	await refused("an old version of it", api.putResponsemanagementResponse(id, response), 409, "version.mismatch");
	await refused("a response without texts", api.postResponsemanagementResponses({ ...body, texts: [] }), 400, "bad.request");
	return changed;
}

async function askMessages(integration, response) {
	const api = new platform.ConversationsApi();
	const message = (values) => ({ fromAddress: integration.id, toAddress: "13175555555", toAddressMessengerType: "whatsapp", messagingTemplate: { responseId: response.id, bodyParameters: values } });
	const sent = await ask("a message", "SendAgentlessOutboundMessageResponse", api.postConversationsMessagesAgentless(message([{ id: "2", value: "ORD-1" }])));
	const details = await ask("its details", "MessageData", api.getConversationsMessageDetails(sent.id));
	equals("of a template that Meta has", [details.status, details.conversationId], ["delivery-success", sent.conversationId]);
	const failing = await api.postConversationsMessagesAgentless({ ...message([{ id: "2", value: "ORD-2" }]), fromAddress: "2f6c1f3e-0d57-4a7e-9d0c-5e8b4c1a0002" });
	const failed = await ask("the details of one that fails", "MessageData", api.getConversationsMessageDetails(failing.id));
	equals("says why", [failed.status, failed.normalizedReceipts[0].reasons[0].code], ["failed", "GeneralError"]);
	await refused("one that lacks a value", api.postConversationsMessagesAgentless(message([])), 400, "invalid.parameter");
	const sms = await ask("an SMS", "SendAgentlessOutboundMessageResponse", api.postConversationsMessagesAgentless({ fromAddress: "+15550100001", toAddress: "+13175555555", toAddressMessengerType: "sms", textBody: "Reply 1." }));
	equals("with its text", sms.message.normalizedMessage.text, "Reply 1.");
}

async function askUse(response) {
	const flows = await ask("who uses it", "ConsumingResourcesEntityListing", new platform.ArchitectApi().getArchitectDependencytrackingConsumingresources(response.id, "RESPONSE", { pageSize: 100 }));
	equals("a flow", flows.entities.map((flow) => flow.name), ["Order flow"]);
	const campaigns = await ask("campaigns", "MessagingCampaignEntityListing", new platform.OutboundApi().getOutboundMessagingcampaigns({ pageSize: 100 }));
	equals("one of it", campaigns.entities.filter((one) => one.whatsAppConfig.contentTemplate.id === response.id).map((one) => one.name), ["Spring"]);
}

async function askTables() {
	const api = new platform.ArchitectApi();
	const properties = { key: { $id: "/properties/key", type: "string", title: "Key", displayOrder: 0 }, live: { $id: "/properties/live", type: "boolean", title: "Live", default: true, displayOrder: 1 } };
	const schema = { $schema: "http://json-schema.org/draft-04/schema#", type: "object", required: ["key"], additionalProperties: false, properties };
	const table = await ask("a new data table", "DataTable", api.postFlowsDatatables({ name: "hsmctl", schema }));
	const list = await ask("data tables", "DataTablesDomainEntityListing", api.getFlowsDatatables({ expand: "schema", name: "HSM*" }));
	equals("with their schemas", list.entities.map((one) => [one.id, one.schema]), [[table.id, schema]]);
	await api.postFlowsDatatableRows(table.id, { key: "order/en_US" });
	equals("a row, whose key has a slash", await api.getFlowsDatatableRow(table.id, "order/en_US", { showbrief: false }), { key: "order/en_US", live: true });
	await api.putFlowsDatatableRow(table.id, "order/en_US", { body: { key: "order/en_US", live: false } });
	const rows = await ask("rows", "DataTableRowEntityListing", api.getFlowsDatatableRows(table.id, { showbrief: false }));
	equals("as they were replaced", rows.entities, [{ key: "order/en_US", live: false }]);
	await api.deleteFlowsDatatable(table.id);
	await refused("a table that is gone", api.getFlowsDatatable(table.id), 404, "not.found");
}

// POST BODY to the emulator's admin path.
async function seed(url, name, body) {
	const answer = await fetch(`${url}/_emulator/${name}`, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
	equals(`seeded ${name}`, answer.status, 200);
}

// What hsmctl made: "template language: text" of each, and whether it can be sent with what it names.
async function askMade(name) {
	const api = new platform.ResponseManagementApi();
	const library = (await api.getResponsemanagementLibraries({ libraryPrefix: name })).entities[0];
	const query = { pageSize: 500, filters: [{ name: "libraryId", operator: "EQUALS", values: [library.id] }] };
	const made = await ask("what hsmctl made", "ResponseQueryResults", api.postResponsemanagementResponsesQuery(query));
	const integration = (await new platform.ConversationsApi().getConversationsMessagingIntegrationsWhatsapp()).entities[0];
	for (const response of made.results.entities) {
		const { name, language } = response.messagingTemplate.whatsApp;
		console.log(`made  ${name} ${language}: ${response.texts[0].content}`);
		const ids = (text) => [...(text || "").matchAll(/{{(.*?)}}/g)].map(([, id]) => ({ id, value: "A-1" }));
		const { header, buttons } = response.messagingTemplate.whatsApp;
		const sent = await new platform.ConversationsApi().postConversationsMessagesAgentless({
			fromAddress: integration.id, toAddress: "13175555555", toAddressMessengerType: "whatsapp",
			messagingTemplate: { responseId: response.id, headerParameters: ids(header && header.content), bodyParameters: ids(response.texts[0].content),
				buttonUrlParameters: (buttons || []).filter((one) => one.type === "Url").flatMap((one) => ids(one.content)) },
		});
		equals(`${name} ${language} is sent`, (await new platform.ConversationsApi().getConversationsMessageDetails(sent.id)).status, "delivery-success");
	}
}

async function main(url, library) {
	await connect(url);
	if (library) return askMade(library);
	const integration = await askIntegrations();
	const response = await askResponses();
	const { name, language } = response.messagingTemplate.whatsApp;
	await seed(url, "templates", [{ name, language, providerId: integration.whatsAppBusinessAccountId, components: [{ type: "BODY", text: "Hi {{1}}: {{2}}." }] }]);
	await seed(url, "dependencies", [{ objectType: "RESPONSE", objectId: response.id, id: "f", name: "Order flow", type: "INBOUNDSHORTMESSAGEFLOW", version: "1.0" }]);
	await seed(url, "campaigns", [{ id: "c", name: "Spring", contactList: { id: "l" }, messagesPerMinute: 10, whatsAppConfig: { whatsAppColumns: ["phone"], whatsAppIntegration: { id: integration.id }, contentTemplate: { id: response.id } } }]);
	await askMessages(integration, response);
	await askUse(response);
	await askTables();
	const api = new platform.ResponseManagementApi();
	await api.deleteResponsemanagementLibrary(response.libraries[0].id);
	await refused("a response whose library is gone", api.getResponsemanagementResponse(response.id), 404, "not.found");
	platform.ApiClient.instance.setAccessToken("nothing");
	await refused("another token", api.getResponsemanagementLibraries(), 401, "bad.credentials");
}

main(process.argv[2], process.argv[3]).catch((error) => { console.log("FAIL ", error); failures++; }).finally(() => process.exit(failures ? 1 : 0));
