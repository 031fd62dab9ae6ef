// A stand-in of the GitHub API that knows what the real one takes, and notes
// every request that it would refuse. /_admin tells it to fail, and shows all.
"use strict";
const http = require("http");

const token = process.argv[2];
const me = { login: "github-actions[bot]", type: "Bot" };
const state = { comments: [], issues: [], labels: [], deployments: [], pulls: [], violations: [], requests: [], next: 1000 };
let faults = []; // {method, path (regular expression), times, status, headers, body}

const text = (max) => (v) => typeof v === "string" && [...v].length <= max;
const oneOf = (...words) => (v) => words.includes(v);
const list = (v) => Array.isArray(v) && v.every((s) => typeof s === "string");
const bool = (v) => typeof v === "boolean";
const url = (v) => typeof v === "string" && /^https?:\/\//.test(v);

// What a body may hold, and must (a name that ends in "!").
const bodies = {
  comment: { "body!": text(65536) },
  issue: { "title!": text(256), body: text(65536), labels: list },
  editIssue: { body: text(65536), title: text(256), state: oneOf("open", "closed"), state_reason: oneOf("completed", "not_planned", "reopened") },
  label: { "name!": text(50), color: (v) => /^[0-9a-f]{6}$/.test(v), description: text(100) },
  deployment: { "ref!": text(255), task: text(128), auto_merge: bool, required_contexts: list, payload: () => true, environment: text(255), description: text(140) },
  status: { "state!": oneOf("error", "failure", "inactive", "in_progress", "queued", "pending", "success"), log_url: url, description: text(140), environment: text(255), auto_inactive: bool },
};

function check(kind, body) {
  const rules = bodies[kind];
  if (!body || typeof body !== "object" || Array.isArray(body)) return "no JSON object";
  for (const name of Object.keys(rules)) if (name.endsWith("!") && !(name.slice(0, -1) in body)) return `${name.slice(0, -1)} is missing`;
  for (const [name, value] of Object.entries(body)) {
    const rule = rules[name] || rules[name + "!"];
    if (!rule) return `unknown field ${name}`;
    if (!rule(value)) return `${name} is not what the API takes: ${JSON.stringify(value).slice(0, 80)}`;
  }
  return null;
}

const id = () => state.next++;
const find = (all, key, value) => all.find((item) => item[key] === Number(value));
const R = "/repos/acme/messages";
const routes = [
  ["GET", `${R}/issues/(\\d+)/comments`, null, (m) => state.comments.filter((c) => c.issue === Number(m[1]))],
  ["POST", `${R}/issues/(\\d+)/comments`, "comment", (m, b) => add(state.comments, { issue: Number(m[1]), body: b.body, user: me })],
  ["GET", `${R}/issues/comments/(\\d+)`, null, (m) => find(state.comments, "id", m[1])],
  ["PATCH", `${R}/issues/comments/(\\d+)`, "comment", (m, b) => edit(find(state.comments, "id", m[1]), b)],
  ["GET", `${R}/issues`, null, (m, b, q) => state.issues.filter((i) => q.get("state") === "all" || i.state === "open").filter((i) => !q.get("labels") || i.labels.includes(q.get("labels")))],
  ["POST", `${R}/issues`, "issue", (m, b) => { const issue = add(state.issues, { ...b, state: "open", user: me }); issue.number = issue.id; return issue; }],
  ["PATCH", `${R}/issues/(\\d+)`, "editIssue", (m, b) => edit(find(state.issues, "number", m[1]), b)],
  ["GET", `${R}/labels/([\\w-]+)`, null, (m) => state.labels.find((l) => l.name === m[1])],
  ["POST", `${R}/labels`, "label", (m, b) => add(state.labels, b)],
  ["GET", `${R}/commits/([0-9a-f]{40})/pulls`, null, () => state.pulls],
  ["POST", `${R}/deployments`, "deployment", (m, b) => add(state.deployments, { ...b, sha: b.ref, statuses: [] })],
  ["GET", `${R}/deployments`, null, (m, b, q) => state.deployments.filter((d) => d.environment === q.get("environment") && d.task === q.get("task")).reverse()],
  ["GET", `${R}/deployments/(\\d+)/statuses`, null, (m) => { const d = find(state.deployments, "id", m[1]); return d && [...d.statuses].reverse(); }],
  ["POST", `${R}/deployments/(\\d+)/statuses`, "status", (m, b) => { const d = find(state.deployments, "id", m[1]); if (d) d.statuses.push(b); return d && b; }],
];

function add(all, item) { item.id = id(); all.push(item); return item; }
function edit(item, fields) { return item && Object.assign(item, fields); }

function send(response, status, body, headers = {}) {
  response.writeHead(status, { "Content-Type": "application/json", ...headers });
  response.end(typeof body === "string" ? body : JSON.stringify(body));
}

function refuse(request, response, status, why) {
  state.violations.push(`${request.method} ${request.url}: ${why}`);
  send(response, status, { message: why });
}

// Answers in pages as GitHub does.
function page(request, response, found, query) {
  const size = Number(query.get("per_page") || 30), number = Number(query.get("page") || 1);
  if (size < 1 || size > 100) return refuse(request, response, 422, "per_page is 1 to 100");
  const more = found.length > size * number;
  send(response, 200, found.slice(size * (number - 1), size * number), more ? { Link: `<x?page=${number + 1}>; rel="next"` } : {});
}

function fail(request, response) {
  const fault = faults.find((f) => f.times > 0 && f.method === request.method && new RegExp(f.path).test(request.url));
  if (!fault) return false;
  fault.times--;
  if (fault.after) handle(request, { writeHead() {}, end() {} }); // it was done, and the answer is lost
  if (fault.cut) { response.writeHead(200, { "Content-Length": 500 }); response.write("{\"id\": 1"); response.destroy(); return true; }
  send(response, fault.status, fault.body || { message: "no" }, fault.headers || {});
  return true;
}

function handle(request, response) {
  const address = new URL(request.url, "http://x"), headers = request.headers;
  if (headers.authorization !== `Bearer ${token}`) return refuse(request, response, 401, "wrong token");
  if (headers.accept !== "application/vnd.github+json") return refuse(request, response, 415, "wrong Accept");
  if (headers["x-github-api-version"] !== "2022-11-28") return refuse(request, response, 400, "no version");
  for (const [method, path, kind, act] of routes) {
    const match = new RegExp(`^${path}$`).exec(address.pathname);
    if (method !== request.method || !match) continue;
    let body = null;
    if (kind) {
      try { body = JSON.parse(request.text); } catch { return refuse(request, response, 400, "no JSON"); }
      const why = check(kind, body);
      if (why) return refuse(request, response, 422, why);
    }
    const found = act(match, body, address.searchParams);
    if (Array.isArray(found)) return page(request, response, found, address.searchParams);
    return found ? send(response, method === "POST" ? 201 : 200, found) : send(response, 404, { message: "Not Found" });
  }
  return refuse(request, response, 404, "no such route");
}

function admin(request, response) {
  if (request.method === "GET") return send(response, 200, state);
  const body = JSON.parse(request.text);
  if (body.faults) faults = body.faults;
  for (const key of ["comments", "issues", "pulls", "deployments", "violations", "requests"]) if (body[key]) state[key] = body[key];
  return send(response, 200, {});
}

http.createServer((request, response) => {
  const parts = [];
  request.on("data", (part) => parts.push(part));
  request.on("end", () => {
    request.text = Buffer.concat(parts).toString("utf8");
    if (request.url.startsWith("/_admin")) return admin(request, response);
    state.requests.push(`${request.method} ${request.url}`);
    return fail(request, response) || handle(request, response);
  });
}).listen(0, "127.0.0.1", function () { console.log(`listening on http://127.0.0.1:${this.address().port}`); });
