#include "api/dotenv.h"

#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "api/utf8.h"

namespace placer {
namespace {

constexpr std::size_t kMaxDotenvBytes = 64 * 1024;

bool IsVariableName(absl::string_view name) {
  if (name.empty() || absl::ascii_isdigit(name.front())) return false;
  for (char c : name) {
    if (!absl::ascii_isalnum(c) && c != '_') return false;
  }
  return true;
}

// Reads one value. No value: a quote is not closed, or text follows it.
class ValueReader {
 public:
  explicit ValueReader(absl::string_view text) : text_(absl::StripAsciiWhitespace(text)) {}

  std::optional<std::string> Read() {
    if (text_.empty()) return "";
    if (text_.front() == '\'' || text_.front() == '"') return ReadQuoted(text_.front());
    // An unquoted value ends at a comment, which needs a space before it: tokens may contain '#'.
    for (std::size_t i = 0; i < text_.size(); ++i) {
      if (text_[i] == '#' && (i == 0 || absl::ascii_isspace(text_[i - 1]))) text_ = text_.substr(0, i);
    }
    return std::string(absl::StripTrailingAsciiWhitespace(text_));
  }

 private:
  std::optional<std::string> ReadQuoted(char quote) {
    std::string value;
    for (std::size_t i = 1; i < text_.size(); ++i) {
      if (text_[i] == quote) {
        const absl::string_view rest = absl::StripLeadingAsciiWhitespace(text_.substr(i + 1));
        if (!rest.empty() && rest.front() != '#') return std::nullopt;
        return value;
      }
      if (quote == '"' && text_[i] == '\\' && i + 1 < text_.size()) {
        ++i;
        value += text_[i] == 'n' ? '\n' : text_[i] == 'r' ? '\r' : text_[i] == 't' ? '\t' : text_[i];
      } else {
        value += text_[i];
      }
    }
    return std::nullopt;
  }

  absl::string_view text_;
};

}  // namespace

ParsedDotenv ParseDotenv(absl::string_view text, const std::string& file) {
  ParsedDotenv parsed;
  int line_number = 0;
  const auto report = [&](Diagnostic::Severity severity, int column, const std::string& field,
                          std::string message) {
    parsed.diagnostics.push_back({severity, file, line_number, column, field, std::move(message)});
  };
  if (text.size() > kMaxDotenvBytes) {
    report(Diagnostic::Severity::kError, 0, "",
           absl::StrCat("is ", text.size(), " bytes long; at most ", kMaxDotenvBytes, " are read"));
    return parsed;
  }
  if (absl::StartsWith(text, "\xEF\xBB\xBF")) text.remove_prefix(3);
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    ++line_number;
    const absl::string_view whole = line;
    line = absl::StripAsciiWhitespace(line);
    if (line.empty() || line.front() == '#') continue;
    const auto column = [&] { return static_cast<int>(line.data() - whole.data()) + 1; };
    if (FindInvalidUtf8(line) != absl::string_view::npos || line.find('\0') != absl::string_view::npos) {
      report(Diagnostic::Severity::kError, column(), "", "is not UTF-8 text; save the file as UTF-8");
      continue;
    }
    if (absl::StartsWith(line, "export ") || absl::StartsWith(line, "export\t")) {
      line = absl::StripLeadingAsciiWhitespace(line.substr(7));
    }
    const std::size_t equals = line.find('=');
    const absl::string_view name = absl::StripTrailingAsciiWhitespace(line.substr(0, equals));
    // Without a name that looks like one the line may be a secret pasted on its own: do not repeat it.
    if (equals == absl::string_view::npos || !IsVariableName(name)) {
      report(Diagnostic::Severity::kError, column(), "", "is not an assignment; write NAME=value");
      continue;
    }
    std::optional<std::string> value = ValueReader(line.substr(equals + 1)).Read();
    if (!value.has_value()) {
      report(Diagnostic::Severity::kError, column() + static_cast<int>(equals) + 1, std::string(name),
             "has a quote that is not closed, or text after the closing quote");
      continue;
    }
    const bool is_new = parsed.values.insert_or_assign(std::string(name), *std::move(value)).second;
    if (!is_new) {
      report(Diagnostic::Severity::kWarning, column(), std::string(name),
             "is set twice; the last value counts");
    }
  }
  return parsed;
}

}  // namespace placer
