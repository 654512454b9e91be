// Access: who may make a mutating call. Two attackers are in mind: a stranger on the network, stopped by the
// bearer token wherever the listener is not bound to loopback, and a web page in the browser of someone who
// runs us on loopback, stopped by Host (DNS rebinding) and Origin (cross-site requests). A valid token is
// proof enough anywhere.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "api/http_message.h"

namespace placer {

struct AccessRules {
  bool loopback = true;  // the listener is bound to a loopback address
  std::string token;     // "" = none is set
};

// Unauthenticated: a token is missing or wrong (401). PermissionDenied: no token could help, or the call
// comes from elsewhere (403). Messages never contain a token.
absl::Status CheckMutatingCall(const HttpRequest& request, const AccessRules& rules);

// "localhost", 127.0.0.0/8 in dotted form or [::1], with any port or none. Other spellings of the same
// addresses are refused: browsers write these ones.
bool IsLoopbackHost(absl::string_view host);
// "http://" or "https://" and a loopback host. "null" is not one.
bool IsLoopbackOrigin(absl::string_view origin);
// Takes as long for a wrong first byte as for a wrong last one; only the length shows in the time.
bool TokensEqual(absl::string_view a, absl::string_view b);

}  // namespace placer
