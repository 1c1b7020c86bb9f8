#pragma once
// What SPEC promises, judged when a run is over, from what the modelled API really did, from what
// people really did, and from the files that are on the disk. It uses none of the daemon's code but
// the decoder of a record.

#include "sim/api_truth.hpp"
#include "sim/disk_model.hpp"
#include "sim/people.hpp"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace reaper::test {

class oracle
{
public:
    // `ends`: how often the daemon was killed or lost its power.
    oracle(const api_truth& truth, const disk_model& disk, const people& who, unsigned ends);

    // What was broken, in words; empty if nothing was.
    [[nodiscard]] std::vector<std::string> judge();

private:
    struct token_history
    {
        std::vector<const request_truth*> requests;
        const dropped_file* file = nullptr;
    };

    void judge_job(const std::string& id);
    void judge_file(const dropped_file& file);
    void judge_record(const std::string& id, const result_record& record, const dropped_file& file);
    void judge_remaining(
        const std::string& id, const dropped_file& file, const std::vector<result_record>& records
    );
    void judge_requests();
    void judge_canaries();
    void judge_orders();
    void judge_secrets();

    [[nodiscard]] std::optional<std::size_t> limit_of(const request_truth& asked) const;
    [[nodiscard]] std::vector<result_record> records_of(const std::string& id);
    [[nodiscard]] const dropped_file* file_of(const std::string& manifest) const;
    [[nodiscard]] const token_history& history_of(const std::string& token) const;
    [[nodiscard]] std::string content_of(const std::string& path);
    void expect(bool holds, const std::string& what);

    const api_truth& truth_;
    const disk_model& disk_;
    const people& people_;
    unsigned ends_;
    std::map<std::string, token_history> tokens_;
    std::map<const dropped_file*, std::string> taken_as_;  // done/<id>
    std::set<const dropped_file*> rejected_;
    std::vector<std::string> broken_;
};

}  // namespace reaper::test
