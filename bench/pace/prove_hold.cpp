// "Prove and hold", the law that the shipped one grew from: a rate is believed once it has outlived
// its proof time, a refusal is a measurement, and what is proved is held and tested on a schedule.

#include "rivals.hpp"
#include "spaced.hpp"

#include <deque>

namespace reaper::bench {

namespace {

class prove_hold final : public spaced
{
public:
    explicit prove_hold(const pacer_start& start)
        : spaced(start.now, 10), resumed_(at(start.now)), set_at_(at(start.now))
    {
        if (start.remembered)
            set(at(start.now), 0.95 * *start.remembered, mode::climb, 0.25);
    }

    [[nodiscard]] std::uint64_t window() const override
    {
        return static_cast<std::uint64_t>(std::ceil(1.5 * rate_ * srtt_)) + 4;
    }

    void backlog(std::uint64_t requests) override { backlog_ = static_cast<double>(requests); }

    void accepted(mono_time now, duration round_trip, bool /*held_back*/) override
    {
        const double t = at(now);
        const double rtt = to_seconds(round_trip);
        srtt_ = srtt_ == 0 ? rtt : srtt_ + (rtt - srtt_) / 8;
        count_ += 1;
        add(t);
        if (t < quiet_until_) {
            ++oks_behind_;
            return;
        }
        if (canary_)
            return;
        if (mode_ == mode::start)
            rate_ = std::min(1e6, 10 * std::exp2((t - resumed_) / 0.5));
        if (mode_ == mode::climb && t - set_at_ >= proof_) {
            lo_ = rate_;
            if (proof_ <= 4 * burst_)
                wait_ = 60;
            step(t);
        } else if (mode_ == mode::hold && t >= probe_at_) {
            step(t);
        }
    }

    void refused(mono_time now, const refusal& what) override
    {
        const double t = at(now);
        quiet_until_ = t + 5;
        if (what.canary)
            return;
        if (!what.begins) {
            ++bads_behind_;
            return;
        }
        refused_at_ = t;
        canary_ = true;
        oks_behind_ = bads_behind_ = 0;
    }

    void resumed(mono_time now) override
    {
        const double t = at(now);
        canary_ = false;
        const double lived = std::max(1e-3, refused_at_ - resumed_);
        const double shut = t - refused_at_;
        const double a = count_;
        resumed_ = t;
        count_ = 0;
        if (shut > 7.5 + srtt_ && lived + shut > 1.2 * long_) {
            long_ = std::min(65.0, lived + shut);
            guess(t, std::min(a, recent(t, long_)) / long_);
            return;
        }
        if (mode_ == mode::start) {
            guess(t, 0.75 * std::min(rate_, recent(refused_at_, 1)));
            return;
        }
        if (mode_ == mode::climb && lo_ > 0) {
            hi_ = rate_;
            hi_at_ = t;
            if (rate_ < 1.07 * lo_)
                wait_ = std::min(2 * wait_, 600.0);
            hold(t, (hi_ / lo_ - 1) / 3 * left() < 8 ? wait_ : std::max(long_, 4.0));
            return;
        }
        if (t - last_ > 60 + shut)
            strikes_ = 0;
        last_ = t;
        strikes_ += bads_behind_ == 0 && oks_behind_ >= 3 ? 0.5 : 1;
        if (mode_ == mode::hold && strikes_ < 2) {
            lo_ *= 0.99;
            hold(t, wait_);
            return;
        }
        double r = long_ > 0 ? recent(t, long_) / long_ : (a / lived + a / (lived + shut)) / 2;
        r = std::min(r, 0.97 * rate_);
        if (lived < 90)
            burst_ = std::min(10.0, std::max(burst_, lived * (rate_ / std::max(r, 1e-9) - 1)));
        guess(t, r);
    }

private:
    enum class mode : std::uint8_t
    {
        start,
        climb,
        hold,
    };

    void guess(double t, double r)
    {
        r = std::min(r, 0.97 * rate_);
        hi_ = mode_ != mode::start && long_ == 0 ? rate_ : 0;
        hi_at_ = t;
        lo_ = 0;
        wait_ = 60;
        growth_ = long_ > 0 ? 0.06 : 0.12;
        set(t, 0.97 * r, mode::climb, 0.25);
    }

    void step(double t)
    {
        if (hi_ > 0 && t - hi_at_ >= wait_)
            hi_ = 0;
        double gain = growth_;
        if (hi_ > 0)
            gain = std::min(0.25, (hi_ / lo_ - 1) / 3);
        else
            growth_ = std::min(0.25, 2 * growth_);
        if (gain * left() < 8)
            hold(t, wait_);
        else
            set(t, lo_ * (1 + gain), mode::climb, gain);
    }

    void hold(double t, double wait)
    {
        growth_ = 0.03;
        probe_at_ = t + wait;
        set(t, lo_, mode::hold, 0.25);
    }

    void set(double t, double r, mode m, double gain)
    {
        rate_ = std::clamp(r, 0.02, 1e6);
        mode_ = m;
        set_at_ = t;
        proof_ = std::max({2.0, long_, std::min(90.0, std::max(burst_, 1 / rate_) / gain)});
    }

    [[nodiscard]] double left() const { return std::min(600.0, backlog_ / rate_); }

    void add(double t)
    {
        if (ring_.empty() || t > ring_.back().first + 0.05)
            ring_.emplace_back(t, 0);
        ++ring_.back().second;
        while (ring_.front().first < t - 66)
            ring_.pop_front();
    }

    [[nodiscard]] double recent(double t, double span) const
    {
        double sum = 0;
        for (auto it = ring_.rbegin(); it != ring_.rend() && it->first > t - span; ++it)
            sum += static_cast<double>(it->second);
        return sum;
    }

    mode mode_ = mode::start;
    double resumed_;
    double set_at_;
    double srtt_ = 0;
    double backlog_ = 1e18;
    double count_ = 0;
    double quiet_until_ = -1;
    bool canary_ = false;
    std::uint64_t oks_behind_ = 0;
    std::uint64_t bads_behind_ = 0;
    double refused_at_ = 0;
    double lo_ = 0;
    double hi_ = 0;
    double hi_at_ = 0;
    double growth_ = 0.12;
    double wait_ = 60;
    double burst_ = 1;
    double long_ = 0;
    double strikes_ = 0;
    double last_ = -1e9;
    double probe_at_ = 0;
    double proof_ = 2;
    std::deque<std::pair<double, std::uint64_t>> ring_;
};

}  // namespace

std::unique_ptr<pacer> make_prove_hold(const pacer_start& start)
{
    return std::make_unique<prove_hold>(start);
}

}  // namespace reaper::bench
