// node.mjs URL PROVIDER FOLDER: creates what is missing, with yaml and undici, 8 at a time.
import { readFile, readdir } from "node:fs/promises";
import { createRequire } from "node:module";
const require = createRequire(process.env.NPM_FOLDER + "/");
const { Pool } = require("undici"), YAML = require("yaml");

const [url, provider, folder] = process.argv.slice(2);
const path = `/api/v2/messaging/providers/${provider}/templates`;
const pool = new Pool(url, { connections: 8 });
const headers = { "content-type": "application/json" };

async function ask(request) {
	const { statusCode, body } = await pool.request(request);
	const text = await body.text();
	if (statusCode >= 300) throw new Error(`${request.method} ${request.path}: ${statusCode} ${text}`);
	return JSON.parse(text);
}

async function eightAtATime(items, work) {
	const queue = items.values();
	await Promise.all(Array.from({ length: 8 }, async () => {
		for (const item of queue) await work(item);
	}));
}

const { GENESYSCLOUD_OAUTHCLIENT_ID: id, GENESYSCLOUD_OAUTHCLIENT_SECRET: secret } = process.env;
const { access_token } = await ask({ method: "POST", path: "/oauth/token", body: "grant_type=client_credentials", headers: {
	"content-type": "application/x-www-form-urlencoded", authorization: "Basic " + btoa(`${id}:${secret}`) } });
headers.authorization = `Bearer ${access_token}`;

const live = new Set();
async function list(number) {
	const page = await ask({ method: "GET", path: `${path}?pageSize=100&pageNumber=${number}`, headers });
	for (const { name, language } of page.entities) live.add(`${name} ${language}`);
	return page.pageCount;
}
const pages = await list(1);
await eightAtATime(Array.from({ length: Math.max(pages - 1, 0) }, (_, i) => i + 2), list);

const files = (await readdir(folder)).sort();
const desired = await Promise.all(files.map(async (file) => YAML.parse(await readFile(`${folder}/${file}`, "utf8"))));
const missing = desired.filter(({ name, language }) => !live.has(`${name} ${language}`));
await eightAtATime(missing, (template) => ask({ method: "POST", path, body: JSON.stringify(template), headers }));
await pool.close();
