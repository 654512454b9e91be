#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "api/http_message.h"
#include "cmd/autoplacer/commands.h"
#include "cmd/autoplacer/controller_client.h"
#include "cmd/autoplacer/event_table.h"
#include "cmd/autoplacer/print.h"
#include "cmd/autoplacer/terminal.h"

namespace placer {

int RunEvents(const EventsOptions& options, const Environment& environment) {
  std::string path = absl::StrCat(kEventsPath, "?limit=", options.limit);
  if (!options.policy_name.empty()) absl::StrAppend(&path, "&policy=", PercentEncode(options.policy_name));
  const absl::StatusOr<std::string> body =
      CallController(options.client, environment.autoplacer_token, "GET", path);
  if (!body.ok()) return Fail(body.status());
  if (options.client.output != OutputFormat::kTable) return PrintAnswer(*body, options.client.output);
  const absl::StatusOr<std::vector<EventView>> events = ParseEventViews(*body);
  if (!events.ok()) return Fail(events.status());
  return PrintAnswer(RenderEvents(*events, absl::Now(), StyleOf(DetectTerminal(1))));
}

}  // namespace placer
