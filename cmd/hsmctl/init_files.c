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
	"# Builds hsmctl from its source. The repository's variable HSMCTL_SOURCE is the\n"
	"# git URL that it is cloned from.\n"
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
	"        .ci/install-packages build\n"
	"        make -j2 install\n";

#define JOB(name)                                                                         \
	"permissions:\n"                                                                   \
	"  contents: read\n"                                                               \
	"jobs:\n"                                                                          \
	"  " name ":\n"                                                                    \
	"    runs-on: ubuntu-latest\n"                                                     \
	"    container: debian:12\n"                                                       \
	"    defaults:\n"                                                                  \
	"      run:\n"                                                                     \
	"        shell: bash\n"                                                            \
	"    steps:\n"                                                                     \
	"      - run: apt-get update && apt-get install -y --no-install-recommends ca-certificates git make\n" \
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

static const char plan_workflow[] =
	"# Shows in every pull request what its merge would do.\n"
	"name: hsmctl plan\n"
	"on:\n"
	"  pull_request:\n"
	JOB("plan")
	"      - run: hsmctl validate --base \"origin/$GITHUB_BASE_REF\"\n"
	"      # A pull request from a fork gets no secrets.\n"
	"      - if: github.event.pull_request.head.repo.full_name == github.repository\n"
	CREDENTIALS
	"        run: |\n"
	"          hsmctl plan | tee \"$RUNNER_TEMP/plan.txt\"\n"
	"          { echo '```'; cat \"$RUNNER_TEMP/plan.txt\"; echo '```'; } >>\"$GITHUB_STEP_SUMMARY\"\n";

static const char apply_workflow[] =
	"# Makes the organisation equal to main.\n"
	"name: hsmctl apply\n"
	"on:\n"
	"  push:\n"
	"    branches: [main]\n"
	"concurrency:\n"
	"  group: hsmctl-apply   # one after the other, none cut off\n"
	JOB("apply")
	"      - run: hsmctl doctor\n"
	CREDENTIALS
	"      - run: hsmctl apply --yes\n"
	CREDENTIALS;

static const char drift_workflow[] =
	"# Fails when the organisation moved away from main.\n"
	"name: hsmctl drift\n"
	"on:\n"
	"  schedule:\n"
	"    - cron: \"17 5 * * *\"\n"
	"  workflow_dispatch:\n"
	JOB("drift")
	"      - run: hsmctl drift\n"
	CREDENTIALS;

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
