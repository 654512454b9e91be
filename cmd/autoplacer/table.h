// Table: rows of text in aligned columns, as a pure function from values to lines. The last column takes what
// width is left and is cut with an ellipsis; no line is ever wider than asked, so that a redraw in place
// stays in place. Text from outside is made harmless: control characters become spaces.
#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace placer {

enum class Tone { kPlain, kGood, kBad, kWarning, kDim };

struct Column {
  std::string header;
  bool right = false;  // numbers
};

struct Row {
  std::vector<std::string> cells;  // one per column; missing ones are empty
  Tone tone = Tone::kPlain;
};

struct Table {
  std::vector<Column> columns;
  std::vector<Row> rows;
};

struct Style {
  int width = 0;        // columns of the terminal; 0: no limit
  bool colour = false;  // ANSI colours
};

// Header and rows, each ended by a newline.
std::string RenderTable(const Table& table, const Style& style);

// `text` in this tone; as it is where the style has no colour.
std::string Paint(absl::string_view text, Tone tone, const Style& style);
// Control characters become spaces; at most `width` columns, the last one an ellipsis where something was
// cut. 0: no limit. Counts one column per code point.
std::string FitLine(absl::string_view text, int width);
int CountColumns(absl::string_view text);

}  // namespace placer
