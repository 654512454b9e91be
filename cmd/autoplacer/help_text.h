// Help: what --help says below the list of flags. Examples first: people read those.
#pragma once

namespace placer {

inline constexpr char kMainFooter[] =
    R"(Examples:
  autoplacer run --demo                       watch it work: no account, no server
  autoplacer validate policy.yaml             is the file right?
  autoplacer doctor                           are the tokens and URLs right?
  autoplacer plan                             what would it do to my app, and why?
  autoplacer run --policy policy.yaml         do it (a policy begins in mode DryRun: nothing is touched)
  autoplacer get web --watch                  the regions of policy "web", live
  autoplacer explain fra                      why is Frankfurt as it is?
  autoplacer events --policy web              what it did lately, and what went wrong

Environment (or a .env file in the working directory; the environment wins, a flag wins over both):
  FLY_API_TOKEN                 token for the Machines API (fly tokens create readonly, or deploy to act)
  FLY_PROMETHEUS_URL            https://api.fly.io/prometheus/YOUR-ORG
  AUTOPLACER_PROMETHEUS_TOKEN   token for it; without it FLY_API_TOKEN is used
  FLY_FLAPS_BASE_URL            Machines API, default https://api.machines.dev
  AUTOPLACER_TOKEN              bearer token for mutating calls on the controller's own API
  AUTOPLACER_SERVER             controller that get, events, trigger and explain ask, default http://127.0.0.1:8000
  AUTOPLACER_APP, FLY_APP_NAME  target app of a flat config.yml (on a Fly machine only AUTOPLACER_APP)
  NO_COLOR                      no colour on a terminal

Exit codes:
  0  ok
  1  the answer is no: errors in a file, a failing check, nothing could be observed
  2  usage
  3  the controller or the platform cannot be reached, or refuses)";

inline constexpr char kRunFooter[] =
    R"(Runs until SIGINT, SIGTERM or SIGHUP. Edit the policy file at any time: the next pass obeys, and a broken edit changes
nothing but the condition PolicyAccepted.

Examples:
  autoplacer run --demo --speed 600           a day in two and a half minutes
  autoplacer run --policy policies/ --listen 127.0.0.1:8000 --data-dir /data
  autoplacer run --metrics-listen [::]:9091   let Fly scrape /metrics, and keep the API on loopback)";

inline constexpr char kPlanFooter[] =
    R"(One pass of every policy: reads traffic and machines, decides, prints, changes nothing. Shows first which machines
would be managed and which would not, then the actions and what they would cost, then every region with its reason.

Examples:
  autoplacer plan --policy policy.yaml
  autoplacer plan --demo
  autoplacer plan -o json | jq '.policies[].report')";

inline constexpr char kExplainFooter[] =
    R"(Asks the running controller; with --policy or --demo makes one pass of its own instead.

Examples:
  autoplacer explain fra
  autoplacer explain fra --policy-name web -o json
  autoplacer explain nrt --policy policy.yaml)";

inline constexpr char kTriggerFooter[] =
    R"(Makes the next pass come now and prints what it did. Nothing is decided that the timer would not have decided.

Examples:
  autoplacer trigger
  autoplacer trigger --policy-name web -o json
  AUTOPLACER_TOKEN=... autoplacer trigger --server http://placer.internal:8000)";

inline constexpr char kGetFooter[] =
    R"(Columns: TRAFFIC is the newest data point, SHORT and LONG the averages, all in requests per threshold.per. A region
is placed when SHORT reaches PLACE AT, and left when SHORT and LONG are down to LEAVE AT. MACHINES are the real ones,
SHADOW adds the dry run's changes, TARGET is what the last pass leads to. DECISION says what this pass does, or what
is under way, such as entering (Starting). PENDING counts what is under way.

Examples:
  autoplacer get
  autoplacer get web --watch
  autoplacer get web -o yaml)";

inline constexpr char kEventsFooter[] =
    R"(The newest stands last. Warnings are what somebody should look at. -o json and yaml list the newest first, as the API
does.

Examples:
  autoplacer events
  autoplacer events --policy web --limit 20
  autoplacer events -o json | jq '.items[] | select(.type == "Warning")')";

inline constexpr char kDoctorFooter[] =
    R"(Lists regions and machines, reads the traffic of each policy, and says what is wrong with tokens, URLs and files. Whether
the token may write is asked with a change of a machine that cannot exist: nothing is changed. Exit code 1 if a check
fails.

Examples:
  autoplacer doctor
  autoplacer doctor --policy policy.yaml -o json)";

inline constexpr char kValidateFooter[] =
    R"(Prints every error and warning as FILE:LINE:COLUMN. Exit code 1 if there is an error.

Examples:
  autoplacer validate policy.yaml
  autoplacer validate policies/
  autoplacer convert config.yml --app my-app | autoplacer validate -)";

inline constexpr char kSchemaFooter[] =
    R"(An editor with yaml-language-server (VS Code, Neovim, Helix, Emacs) checks and completes a policy by it. Write it beside
the policy, and name it in the policy's first line:

  # yaml-language-server: $schema=policy.schema.json

Example:
  autoplacer schema > policy.schema.json)";

inline constexpr char kConvertFooter[] =
    R"(Prints the policy that is equivalent to a flat config.yml of the proof of concept; warnings go to stderr.

Example:
  autoplacer convert config.yml --app my-app > policy.yaml)";

}  // namespace placer
