# A terminal's recorded output -> an animated SVG, one step per chosen frame. Frames begin with ESC [ H; of the escape
# sequences only the colours that autoplacer prints are drawn. See record.

function escape(text) {
  gsub(/&/, "\\&amp;", text); gsub(/</, "\\&lt;", text); gsub(/>/, "\\&gt;", text)
  return text
}

# One line of the terminal as <text>; colours become classes.
function draw(line, row,    out, colour, parts, count, i, code, rest) {
  out = sprintf("<text x=\"14\" y=\"%d\">", top + row * line_height)
  colour = ""
  count = split(line, parts, /\033\[/)
  for (i = 1; i <= count; ++i) {
    rest = parts[i]
    if (i > 1) {
      if (!match(rest, /^[0-9;?]*[A-Za-z]/)) continue
      code = substr(rest, 1, RLENGTH)
      rest = substr(rest, RLENGTH + 1)
      if (code == "0m") colour = ""
      else if (code ~ /m$/) colour = "c" (code + 0)
    }
    if (rest == "") continue
    out = out (colour == "" ? escape(rest) : "<tspan class=\"" colour "\">" escape(rest) "</tspan>")
  }
  return out "</text>\n"
}

BEGIN {
  RS = "\033\\[H"
  line_height = 16
  top = 62
}

NR > 1 && NR - 1 > warm_up && NR - 1 <= last && (NR - 1 - warm_up) % every == 1 {
  gsub(/\r/, "")
  count = split($0, lines, "\n")
  if (count > most) most = count
  picture = ""
  for (row = 1; row <= count; ++row) {
    gsub(/\033\[[KJ]/, "", lines[row])
    if (lines[row] != "") picture = picture draw(lines[row], row - 1)
  }
  frames[++shown] = picture
}

END {
  if (!shown) { print "no frame was recorded" > "/dev/stderr"; exit 1 }
  width = int(columns * 7.3) + 28
  height = top + most * line_height + 4
  period = shown * 1.2
  printf "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\" role=\"img\">\n", \
    width, height, width, height
  print "<!-- Made by docs/pictures/record from a run of the program. -->"
  print "<title>The live table of " command ": regions come and go with their traffic</title>"
  print "<style>"
  print "text { font: 12px ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace;"
  print "  fill: #d6dbe1; white-space: pre }"
  print ".c31 { fill: #ff8f87 } .c32 { fill: #7ee08a } .c33 { fill: #f0c560 } .c2 { fill: #8b949e }"
  printf "g { opacity: 0 }\ng { animation: show %.1fs step-end infinite }\n", period
  printf "@keyframes show { 0%% { opacity: 1 } %.3f%% { opacity: 0 } }\n", 100 / shown
  print ".last { opacity: 1 }"
  print "@media (prefers-reduced-motion: reduce) { g { animation: none } }"
  print "</style>"
  printf "<rect width=\"%d\" height=\"%d\" rx=\"8\" fill=\"#0f141a\"/>\n", width, height
  print "<circle cx=\"20\" cy=\"18\" r=\"5\" fill=\"#ff5f57\"/><circle cx=\"38\" cy=\"18\" r=\"5\" fill=\"#febc2e\"/>" \
    "<circle cx=\"56\" cy=\"18\" r=\"5\" fill=\"#28c840\"/>"
  printf "<text x=\"14\" y=\"44\">$ %s</text>\n", escape(command)
  for (i = 1; i <= shown; ++i) {
    printf "<g%s style=\"animation-delay: %.1fs\">\n%s</g>\n", i == shown ? " class=\"last\"" : "", (i - 1) * 1.2 - period, frames[i]
  }
  print "</svg>"
}
