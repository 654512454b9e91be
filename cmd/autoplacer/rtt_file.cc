#include "cmd/autoplacer/rtt_file.h"

#include <cmath>
#include <set>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "cmd/autoplacer/read_file.h"

namespace placer {
namespace {

constexpr std::size_t kMaxCodeLength = 8;
constexpr double kMaxRttMs = 60'000;

absl::Status MakeError(const std::string& file, int line, absl::string_view message) {
  return absl::InvalidArgumentError(absl::StrCat(file, ":", line, ": ", message));
}

std::string Quote(absl::string_view text) {
  return absl::StrCat("\"", absl::CHexEscape(text.substr(0, 20)), text.size() > 20 ? "..." : "", "\"");
}

bool IsCode(absl::string_view text) {
  if (text.empty() || text.size() > kMaxCodeLength) return false;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (!absl::ascii_islower(byte) && !absl::ascii_isdigit(byte)) return false;
  }
  return true;
}

std::vector<absl::string_view> SplitCells(absl::string_view line) {
  std::vector<absl::string_view> cells = absl::StrSplit(line, ',');
  for (absl::string_view& cell : cells) cell = absl::StripAsciiWhitespace(cell);
  return cells;
}

absl::StatusOr<std::vector<std::string>> ParseHeader(absl::string_view line, const std::string& file,
                                                     int number) {
  const std::vector<absl::string_view> cells = SplitCells(line);
  if (cells[0] != "from" || cells.size() < 2) {
    return MakeError(file, number, "the first line must be from,CODE,CODE,... with the codes of the columns");
  }
  std::vector<std::string> codes;
  std::set<absl::string_view> seen;
  for (std::size_t i = 1; i < cells.size(); ++i) {
    if (!IsCode(cells[i])) {
      return MakeError(file, number,
                       absl::StrCat(Quote(cells[i]), " is no code; use lower-case codes such as fra"));
    }
    if (!seen.insert(cells[i]).second) return MakeError(file, number, absl::StrCat(cells[i], " comes twice"));
    codes.emplace_back(cells[i]);
  }
  return codes;
}

absl::Status ParseRow(absl::string_view line, const std::vector<std::string>& codes, const std::string& file,
                      int number, RttMatrix& matrix) {
  const std::vector<absl::string_view> cells = SplitCells(line);
  if (!IsCode(cells[0])) {
    return MakeError(file, number,
                     absl::StrCat(Quote(cells[0]), " is no code; a line begins with one, such as fra"));
  }
  if (cells.size() != codes.size() + 1) {
    return MakeError(file, number,
                     absl::StrCat(cells[0], " has ", cells.size() - 1, " numbers; the first line names ",
                                  codes.size(), " columns"));
  }
  for (std::size_t i = 0; i < codes.size(); ++i) {
    if (cells[i + 1].empty()) continue;
    double rtt_ms = 0;
    if (!absl::SimpleAtod(cells[i + 1], &rtt_ms) || !std::isfinite(rtt_ms) || rtt_ms < 0 ||
        rtt_ms > kMaxRttMs) {
      return MakeError(file, number,
                       absl::StrCat(cells[0], " to ", codes[i], ": ", Quote(cells[i + 1]),
                                    " is no round-trip time; use milliseconds from 0 to ", kMaxRttMs));
    }
    if (!matrix.emplace(std::make_pair(std::string(cells[0]), codes[i]), rtt_ms).second) {
      return MakeError(file, number, absl::StrCat("a second line for ", cells[0]));
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<RttMatrix> ParseRttMatrix(absl::string_view text, const std::string& file) {
  absl::ConsumePrefix(&text, "\xEF\xBB\xBF");
  RttMatrix matrix;
  std::vector<std::string> codes;
  int number = 0;
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    ++number;
    line = absl::StripAsciiWhitespace(line);
    if (line.empty() || absl::StartsWith(line, "#")) continue;
    if (codes.empty()) {
      absl::StatusOr<std::vector<std::string>> header = ParseHeader(line, file, number);
      if (!header.ok()) return header.status();
      codes = *std::move(header);
      continue;
    }
    if (absl::Status status = ParseRow(line, codes, file, number, matrix); !status.ok()) return status;
  }
  if (matrix.empty()) return absl::InvalidArgumentError(absl::StrCat(file, ": no round-trip times in it"));
  return matrix;
}

absl::StatusOr<RttMatrix> ReadRttFile(const std::string& path) {
  const absl::StatusOr<std::string> text = ReadFile(path, "--rtt-file");
  if (!text.ok()) return text.status();
  return ParseRttMatrix(*text, path);
}

}  // namespace placer
