#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "cmd/autoplacer/commands.h"
#include "cmd/autoplacer/data_directory.h"
#include "cmd/autoplacer/doctor.h"
#include "cmd/autoplacer/print.h"
#include "cmd/autoplacer/run_blocking.h"
#include "cmd/autoplacer/terminal.h"
#include "controller/net/http_client.h"
#include "controller/net/http_server.h"

namespace placer {
namespace {

absl::Status TryWrite(const std::string& directory) {
  std::string path = absl::StrCat(FindExistingDirectory(directory), "/.autoplacer-doctor-XXXXXX");
  const int file = mkstemp(path.data());
  if (file < 0) {
    return absl::PermissionDeniedError(
        absl::StrCat("cannot write in ", directory, ": ", std::strerror(errno)));
  }
  close(file);
  unlink(path.c_str());
  return absl::OkStatus();
}

absl::Status TryListen(const std::string& text) {
  const absl::StatusOr<ListenAddress> address = ParseListenAddress(text);
  if (!address.ok()) return address.status();
  asio::io_context io(1);
  HttpServer server(io, [](HttpRequest) -> Task<HttpResponse> { co_return HttpResponse{.status = 503}; }, {});
  absl::Status status = server.Listen(*address);
  server.Stop();
  io.poll();
  return status;
}

std::function<absl::StatusOr<HttpResponse>(HttpRequest)> MakeCaller(const std::string& url_text,
                                                                    const std::string& ca_file) {
  return [url_text, ca_file](HttpRequest request) -> absl::StatusOr<HttpResponse> {
    absl::StatusOr<Url> url = ParseUrl(url_text);
    if (!url.ok()) return url.status();
    asio::io_context io(1);
    HttpClient client(io, *std::move(url), {.ca_file = ca_file});
    return RunBlocking(io, client.Send(std::move(request)));
  };
}

}  // namespace

int RunDoctor(const DoctorOptions& options, const Environment& environment) {
  const DoctorWorld world{.machines = MakeCaller(options.run.machines_url, options.run.ca_file),
                          .prometheus = MakeCaller(options.run.prometheus_url, options.run.ca_file),
                          .read_policies = ReadPolicyFiles,
                          .try_write = TryWrite,
                          .is_on_volume = IsOnVolume,
                          .try_listen = TryListen,
                          .check_ca_file = CheckCaFile,
                          .now = absl::Now()};
  const std::vector<CheckResult> results = RunChecks(options.run, environment, world);
  const int printed = options.output == OutputFormat::kTable
                          ? PrintAnswer(RenderChecks(results, StyleOf(DetectTerminal(1))))
                          : PrintAnswer(FormatChecksJson(results), options.output);
  if (printed != kExitOk) return printed;
  return AnyFailed(results) ? kExitNegative : kExitOk;
}

}  // namespace placer
