// The plugin `greeter` in C++.

#include "guest.hpp"

#include <cctype>

class Polite : public api::Greeter {
public:
    explicit Polite(const PolyplugHostApi *host) : journal_(host) {}

    std::string greet(const std::string &name, const api::Style &style) override {
        if (name.empty()) {
            throw polyplug::CallError(300, "whom shall I greet?");
        }
        std::string greeting = "Hello, " + name + ".";
        if (style.tone == api::Tone::Loud) {
            greeting = "HELLO, ";
            for (unsigned char character : name) {
                greeting += static_cast<char>(std::toupper(character));
            }
            greeting += "!";
        }
        std::string line;
        for (unsigned times = 0; times < style.times; times++) {
            line += (times > 0 ? " " : "") + greeting;
        }
        return line;
    }

    std::vector<std::string> greet_all(const std::vector<std::string> &names) override {
        std::vector<std::string> greetings;
        for (const std::string &name : names) {
            journal_.write("greeted " + name);
            greetings.push_back(greet(name, {api::Tone::Plain, 1}));
        }
        return greetings;
    }

private:
    api::JournalCaller journal_;
};

POLYPLUG_BUNDLE(Polite);
