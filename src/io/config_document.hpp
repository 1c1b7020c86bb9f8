#pragma once
// Whether text is one YAML document, which yaml-cpp's own loading does not tell safely.

#include <yaml-cpp/mark.h>

#include <optional>
#include <string>

namespace reaper {

// Where a second document begins: in it, behind `---`, or at a character that yaml-cpp does not get
// past. YAML::LoadAll would find documents there without end, YAML::Load would leave out the rest.
[[nodiscard]] std::optional<YAML::Mark> second_document(const std::string& text);

}  // namespace reaper
