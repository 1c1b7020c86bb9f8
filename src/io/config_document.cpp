#include "config_document.hpp"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include <sstream>

namespace reaper {

namespace {

// Hears of documents and of nothing in them.
class document_listener : public YAML::EventHandler
{
public:
    using mark = YAML::Mark;
    using text = std::string;
    using style = YAML::EmitterStyle::value;

    void OnDocumentStart(const mark& at) override { start_ = at; }

    void OnDocumentEnd() override {}

    void OnNull(const mark&, YAML::anchor_t) override {}

    void OnAlias(const mark&, YAML::anchor_t) override {}

    void OnScalar(const mark&, const text&, YAML::anchor_t, const text&) override {}

    void OnSequenceStart(const mark&, const text&, YAML::anchor_t, style) override {}

    void OnSequenceEnd() override {}

    void OnMapStart(const mark&, const text&, YAML::anchor_t, style) override {}

    void OnMapEnd() override {}

    [[nodiscard]] const mark& start() const { return start_; }

private:
    mark start_;
};

}  // namespace

std::optional<YAML::Mark> second_document(const std::string& text)
{
    std::istringstream stream(text);
    YAML::Parser parser(stream);
    document_listener listener;
    if (parser.HandleNextDocument(listener) && parser.HandleNextDocument(listener))
        return listener.start();
    return std::nullopt;
}

}  // namespace reaper
