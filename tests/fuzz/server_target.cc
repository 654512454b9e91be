// Requests to our own API: the server's session and all routes over a pair of connected sockets in this
// process.
#include <sys/socket.h>
#include <unistd.h>

#include <memory>

#include "absl/strings/match.h"
#include "controller/net/http_session.h"
#include "controller/server/routes.h"
#include "tests/fuzz/targets.h"
#include "tests/simulated/fake_machines.h"
#include "tests/simulated/fake_traffic.h"
#include "tests/simulated/scripted_reconciler.h"
#include "tests/simulated/virtual_run.h"

namespace placer::fuzz {
namespace {

using tcp = asio::ip::tcp;

// A controller with one policy, which a request may trigger.
struct Served {
  Served() : metrics([this] { return run.controller().Snapshot(); }, [this] { return run.now(); }) {
    machines.Add("m1", "fra");
    run.Start(machines, traffic, reconciler);
    run.controller().Apply({MakePolicy()});
    run.time().Settle();
    handler = std::make_shared<const HttpHandler>(
        MakeRoutes(run.controller(), metrics, {.loopback = true, .token = "secret"}));
  }

  FakeMachines machines;
  FakeTraffic traffic;
  ScriptedReconciler reconciler;
  VirtualRun run;
  Metrics metrics;
  std::shared_ptr<const HttpHandler> handler;
};

// The simulated parts remember all that they were asked: a fresh world now and then.
Served& TakeServed() {
  constexpr int kRuns = 1000;
  static std::unique_ptr<Served> served;
  static int runs = 0;
  if (served == nullptr || ++runs % kRuns == 0) {
    served.reset();
    served = std::make_unique<Served>();
  }
  return *served;
}

class Client {
 public:
  explicit Client(int socket) : socket_(socket) {}
  ~Client() { close(socket_); }

  // Sends what the socket takes now.
  void Send(absl::string_view& bytes) {
    while (!bytes.empty()) {
      const ssize_t sent = send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
      if (sent <= 0) return;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
  }
  void EndSending() { shutdown(socket_, SHUT_WR); }
  void Receive() {
    char chunk[4096];
    for (ssize_t got; (got = recv(socket_, chunk, sizeof(chunk), MSG_DONTWAIT)) > 0;) {
      received_.append(chunk, static_cast<std::size_t>(got));
    }
  }
  const std::string& received() const { return received_; }

 private:
  const int socket_;
  std::string received_;
};

// Two halves, so that the parser has to go on where it stopped.
std::string Talk(Served& served, absl::string_view bytes) {
  int ends[2];
  Require(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0, "a pair of sockets");
  Client client(ends[0]);
  tcp::socket socket(served.run.time().io());
  socket.assign(tcp::v4(), ends[1]);
  const auto session = std::make_shared<HttpSession>(std::move(socket), served.handler, HttpServerOptions{});
  const auto ended = served.run.time().Start(HttpSession::Run(session));
  absl::string_view rest = bytes.substr(bytes.size() / 2);
  absl::string_view half = bytes.substr(0, bytes.size() / 2);
  for (int rounds = 0; !ended->has_value(); ++rounds) {
    Require(rounds < 100'000, "a session ends once its client has sent all and reads what comes");
    client.Send(half);
    if (half.empty() && rounds > 0) client.Send(rest);
    if (half.empty() && rest.empty()) client.EndSending();
    served.run.time().Settle();
    client.Receive();
  }
  client.Receive();
  return client.received();
}

}  // namespace

void FuzzServer(absl::string_view bytes) {
  const std::string answers = Talk(TakeServed(), bytes);
  if (answers.empty()) return;
  Require(absl::StartsWith(answers, "HTTP/1.1 "), "an answer is HTTP: " + answers.substr(0, 80));
  const std::string status = answers.substr(9, 4);
  bool known = false;
  for (const char* each : {"100 ", "200 ", "400 ", "401 ", "403 ", "404 ", "405 ", "413 ", "431 ", "503 "}) {
    known = known || status == each;
  }
  Require(known, "a status that this API has: " + status);
  const bool ends = absl::StrContains(answers, "\r\n\r\n");
  Require(ends, "a head ends: " + answers.substr(0, 400));
}

}  // namespace placer::fuzz
