#include "cmd/hsmctl/init_files.h"

#include "schema/config.h"
#include "schema/template.h"

#define CONFIG_SCHEMA ".hsmctl/config.schema.json"
#define TEMPLATE_SCHEMA ".hsmctl/template.schema.json"

static const char config[] =
	"# yaml-language-server: $schema=" CONFIG_SCHEMA "\n"
	"# What hsmctl works with. Credentials never stand here: they come from\n"
	"# GENESYSCLOUD_OAUTHCLIENT_ID and GENESYSCLOUD_OAUTHCLIENT_SECRET.\n"
	"environments:\n"
	"  dev:\n"
	"    base_url: http://127.0.0.1:8080   # genesys-emulator --port 8080\n"
	"    # For Genesys Cloud, in place of base_url:\n"
	"    # region: eu-west-1\n"
	"    # organization: 00000000-0000-0000-0000-000000000000   # credentials of another one are refused\n"
	"\n"
	"# policy:                    # an apply that would change more than this is refused\n"
	"#   max_change_percent: 30\n"
	"#   max_delete_percent: 10\n";

static const char template[] =
	"# yaml-language-server: $schema=../" TEMPLATE_SCHEMA "\n"
	"name: order_confirmation\n"
	"category: UTILITY\n"
	"intent: order_update\n"
	"description: Sent when the shop has accepted an order.\n"
	"parameters:\n"
	"  order_id: {type: TEXT, default: ORD-12345, description: The shop's order number, max_length: 20}\n"
	"  customer: {type: TEXT, default: {en_US: Customer, es_ES: Cliente}}\n"
	"  eta: {type: DATE, default: 2023-10-25}\n"
	"translations:\n"
	"  en_US:\n"
	"    header: \"Order #{{order_id}}\"\n"
	"    body: \"Hi {{customer}}, your order {{order_id}} is confirmed. Estimated delivery: {{eta}}.\"\n"
	"    footer: Reply STOP to opt-out.\n"
	"  es_ES:\n"
	"    header: \"Pedido {{order_id}}\"\n"
	"    body: \"Hola {{customer}}, su pedido {{order_id}} está confirmado. Entrega prevista: {{eta}}.\"\n"
	"    footer: Responda STOP para darse de baja.\n";

static const char install_action[] =
	"# Builds hsmctl from its source, and puts its action beside this one. The\n"
	"# repository's variable HSMCTL_SOURCE is the git URL that it is cloned from.\n"
	"name: Install hsmctl\n"
	"description: Builds hsmctl from its source\n"
	"inputs:\n"
	"  source:\n"
	"    description: git URL of hsmctl\n"
	"    required: true\n"
	"runs:\n"
	"  using: composite\n"
	"  steps:\n"
	"    - shell: bash\n"
	"      env:\n"
	"        SOURCE: ${{ inputs.source }}\n"
	"      run: |\n"
	"        git clone --depth 1 --branch v" HSM_VERSION " -- \"$SOURCE\" \"$RUNNER_TEMP/hsmctl\"\n"
	"        cd \"$RUNNER_TEMP/hsmctl\"\n"
	"        mkdir -p \"$GITHUB_WORKSPACE/.github/actions\"\n"
	"        cp -r .github/actions/hsmctl \"$GITHUB_WORKSPACE/.github/actions/\"\n"
	"        .ci/install-packages build\n"
	"        make -j2 install\n";

/* What each job begins with; the shell is named, since a container's own is not bash. */
#define JOB(name, settings)                                                               \
	"jobs:\n"                                                                          \
	"  " name ":\n"                                                                    \
	"    runs-on: ubuntu-latest\n"                                                     \
	"    container: debian:12\n"                                                       \
	settings                                                                           \
	"    defaults:\n"                                                                  \
	"      run:\n"                                                                     \
	"        shell: bash\n"                                                            \
	"    steps:\n"                                                                     \
	"      - run: apt-get update && apt-get install -y --no-install-recommends ca-certificates curl git jq make\n" \
	"      - uses: actions/checkout@v4\n"                                              \
	"        with:\n"                                                                  \
	"          fetch-depth: 0   # history tells whose a difference is\n"               \
	"      - uses: ./.github/actions/install-hsmctl\n"                                 \
	"        with:\n"                                                                  \
	"          source: ${{ vars.HSMCTL_SOURCE }}\n"

#define CREDENTIALS                                                                       \
	"        env:\n"                                                                   \
	"          GENESYSCLOUD_OAUTHCLIENT_ID: ${{ secrets.GENESYSCLOUD_OAUTHCLIENT_ID }}\n" \
	"          GENESYSCLOUD_OAUTHCLIENT_SECRET: ${{ secrets.GENESYSCLOUD_OAUTHCLIENT_SECRET }}\n"

/* Caches of the default branch are read by every pull request, a fork's too. */
#define SAVE_SNAPSHOT                                                                     \
	"      # What pull requests plan against, without credentials.\n"                  \
	"      - run: hsmctl snapshot --out hsmctl.snapshot.json\n"                        \
	CREDENTIALS                                                                        \
	"      - uses: actions/cache/save@v4\n"                                            \
	"        with:\n"                                                                  \
	"          path: hsmctl.snapshot.json\n"                                           \
	"          key: hsmctl-snapshot-${{ github.run_id }}\n"

static const char plan_workflow[] =
	"# Shows in every pull request what its merge would do: in a comment, and at the\n"
	"# lines. It has no secret: what is live is what the newest run on main saved.\n"
	"name: hsmctl plan\n"
	"on:\n"
	"  pull_request:\n"
	"    types: [opened, synchronize, reopened, closed]\n"
	"permissions:\n"
	"  contents: read\n"
	"  pull-requests: write\n"
	"concurrency:\n"
	"  group: hsmctl-plan-${{ github.event.number }}\n"
	JOB("plan", "")
	"      - if: github.event.action != 'closed'\n"
	"        run: hsmctl validate --base \"origin/$GITHUB_BASE_REF\" --format github\n"
	"      - uses: actions/cache/restore@v4\n"
	"        with:\n"
	"          path: hsmctl.snapshot.json\n"
	"          key: hsmctl-snapshot-${{ github.run_id }}\n"
	"          restore-keys: hsmctl-snapshot-\n"
	"      - id: hsmctl\n"
	"        uses: ./.github/actions/hsmctl\n"
	"        with:\n"
	"          command: ${{ github.event.action == 'closed' && 'close' || 'plan' }}\n"
	"          against: hsmctl.snapshot.json\n"
	"      # The plan as a page with pictures, as SARIF, and to apply.\n"
	"      - if: steps.hsmctl.outputs.folder != ''\n"
	"        uses: actions/upload-artifact@v4\n"
	"        with:\n"
	"          name: hsmctl-plan\n"
	"          path: ${{ steps.hsmctl.outputs.folder }}\n";

static const char apply_workflow[] =
	"# Makes the organisation equal to main. A deployment of the commit says how far the\n"
	"# reviews are; the drift workflow settles it. Required reviewers of the environment\n"
	"# are asked before anything is sent.\n"
	"name: hsmctl apply\n"
	"on:\n"
	"  push:\n"
	"    branches: [main]\n"
	"permissions:\n"
	"  contents: read\n"
	"  deployments: write\n"
	"  pull-requests: write\n"
	"concurrency:\n"
	"  group: hsmctl-apply   # one after the other, none cut off\n"
	"  cancel-in-progress: false\n"
	JOB("apply", "    environment: hsmctl\n")
	"      - run: hsmctl doctor\n"
	CREDENTIALS
	"      - uses: ./.github/actions/hsmctl\n"
	CREDENTIALS
	"        with:\n"
	"          command: apply\n"
	SAVE_SNAPSHOT;

static const char drift_workflow[] =
	"# Keeps one issue open while the organisation differs from main, and settles\n"
	"# deployments whose reviews have ended.\n"
	"name: hsmctl drift\n"
	"on:\n"
	"  schedule:\n"
	"    - cron: \"17 */6 * * *\"\n"
	"  workflow_dispatch:\n"
	"permissions:\n"
	"  contents: read\n"
	"  deployments: write\n"
	"  issues: write\n"
	"concurrency:\n"
	"  group: hsmctl-drift\n"
	JOB("drift", "")
	SAVE_SNAPSHOT
	"      - uses: ./.github/actions/hsmctl\n"
	CREDENTIALS
	"        with:\n"
	"          command: drift\n";

const struct hsm_init_file hsm_init_files[] = {
	{ "hsmctl.yaml", .text = config },
	{ CONFIG_SCHEMA, .object = &hsm_config_object },
	{ TEMPLATE_SCHEMA, .object = &hsm_template_object },
	{ "templates/order_confirmation.yaml", .text = template },
	{ ".github/actions/install-hsmctl/action.yml", .text = install_action },
	{ ".github/workflows/hsmctl-plan.yml", .text = plan_workflow },
	{ ".github/workflows/hsmctl-apply.yml", .text = apply_workflow },
	{ ".github/workflows/hsmctl-drift.yml", .text = drift_workflow },
};
const size_t hsm_init_file_count = sizeof(hsm_init_files) / sizeof(*hsm_init_files);
