#include "cmd/autoplacer/table.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace placer {
namespace {

constexpr char kGap[] = "  ";
constexpr char kEllipsis[] = "\xE2\x80\xA6";

bool IsContinuation(char c) {
  return (static_cast<unsigned char>(c) & 0xC0) == 0x80;
}

const char* ColourOf(Tone tone) {
  switch (tone) {
    case Tone::kGood:
      return "\x1b[32m";
    case Tone::kBad:
      return "\x1b[31m";
    case Tone::kWarning:
      return "\x1b[33m";
    case Tone::kDim:
      return "\x1b[2m";
    case Tone::kPlain:
      return "";
  }
  return "";
}

// C0 controls and DEL, and C1 controls in UTF-8 (C2 80 to C2 9F), could move a terminal's cursor or worse.
std::string StripControls(absl::string_view text) {
  std::string clean;
  clean.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    const bool c1 = byte == 0xC2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xA0 &&
                    IsContinuation(text[i + 1]);
    if (c1) ++i;
    clean += c1 || absl::ascii_iscntrl(byte) ? ' ' : text[i];
  }
  return clean;
}

const std::string& CellAt(const Row& row, std::size_t column) {
  static const std::string empty;
  return column < row.cells.size() ? row.cells[column] : empty;
}

std::vector<int> ComputeWidths(const Table& table) {
  std::vector<int> widths;
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    int width = CountColumns(table.columns[i].header);
    for (const Row& row : table.rows) width = std::max(width, CountColumns(CellAt(row, i)));
    widths.push_back(width);
  }
  return widths;
}

std::string RenderLine(const Table& table, const Row& row, const std::vector<int>& widths, int limit) {
  std::string line;
  for (std::size_t i = 0; i < widths.size(); ++i) {
    const std::string cell = StripControls(CellAt(row, i));
    const std::string padding(static_cast<std::size_t>(std::max(0, widths[i] - CountColumns(cell))), ' ');
    if (i > 0) line += kGap;
    absl::StrAppend(&line, table.columns[i].right ? padding : "", cell,
                    table.columns[i].right ? "" : padding);
  }
  absl::StripTrailingAsciiWhitespace(&line);
  return FitLine(line, limit);
}

}  // namespace

int CountColumns(absl::string_view text) {
  return static_cast<int>(std::count_if(text.begin(), text.end(), [](char c) { return !IsContinuation(c); }));
}

std::string FitLine(absl::string_view text, int width) {
  std::string clean = StripControls(text);
  if (width <= 0 || CountColumns(clean) <= width) return clean;
  std::size_t end = 0;
  for (int columns = 0; end < clean.size(); ++end) {
    if (!IsContinuation(clean[end]) && ++columns == width) break;
  }
  clean.resize(end);
  return clean + kEllipsis;
}

std::string Paint(absl::string_view text, Tone tone, const Style& style) {
  if (!style.colour || tone == Tone::kPlain) return std::string(text);
  return absl::StrCat(ColourOf(tone), text, "\x1b[0m");
}

std::string RenderTable(const Table& table, const Style& style) {
  const std::vector<int> widths = ComputeWidths(table);
  Row header;
  for (const Column& column : table.columns) header.cells.push_back(column.header);
  std::string text = absl::StrCat(RenderLine(table, header, widths, style.width), "\n");
  for (const Row& row : table.rows) {
    absl::StrAppend(&text, Paint(RenderLine(table, row, widths, style.width), row.tone, style), "\n");
  }
  return text;
}

}  // namespace placer
