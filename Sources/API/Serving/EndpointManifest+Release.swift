import Core
import Release
import Yams

extension EndpointManifest {
    /// The top level's `release:`, or the defaults where it is absent.
    static func readRelease(_ map: YAMLMap?, in document: YAMLMap) throws(HubError) -> (strategy: Strategy, golden: GoldenReference?) {
        guard let map else { return (Strategy(), nil) }
        try map.allow([
            "strategy", "risk", "prepare", "steps", "bake", "maxObserved", "onInconclusive", "onNoData", "whileActive", "staleAfter", "clearFor",
            "pendingDeadline", "windows", "control", "approval", "notify", "alias", "keepPrevious"
        ])
        var strategy = Strategy()
        strategy.kind = try map.choice("strategy", default: Strategy.Kind.canary)
        if let risk = try map.section("risk", ["rollbackAlpha", "guardAlpha", "promoteAlpha", "harmBudget", "hardLimit"]) {
            strategy.risk = try readRisk(risk)
        }
        var golden: GoldenReference?
        if let prepare = try map.section("prepare", ["warmup", "golden", "checks"]) { golden = try readPrepare(prepare, into: &strategy.prepare) }
        try readSteps(map, into: &strategy)
        strategy.bake = try readBake(map, of: strategy)
        strategy.maxObserved = try map.duration("maxObserved", default: strategy.maxObserved, from: 1)
        strategy.onInconclusive = try map.choice("onInconclusive", default: strategy.onInconclusive)
        if let text = try map.optional("onNoData")?.text, text != "hold" {
            throw map.at("onNoData", "'onNoData' is '\(FilePath.printable(text))': expected hold; no data is never taken for success")
        }
        strategy.whileActive = try map.choice("whileActive", default: strategy.whileActive)
        strategy.staleAfter = try map.duration("staleAfter", default: strategy.staleAfter, from: 1000)
        strategy.clearFor = try map.duration("clearFor", default: strategy.clearFor)
        strategy.pendingDeadline = try map.duration("pendingDeadline", default: strategy.pendingDeadline, from: 1000)
        strategy.windows = try readWindows(map)
        strategy.hasControl = try map.flag("control", default: false)
        strategy.keepsPrevious = try map.flag("keepPrevious", default: false)
        if let approval = try map.section("approval", ["othersOnly"]) {
            strategy.approvesOthersOnly = try approval.flag("othersOnly", default: false)
        }
        strategy.notify = try readNotices(map)
        if let alias = try map.optional("alias")?.text {
            strategy.alias = try map.naming("alias") { () throws(HubError) in try RefName(parsing: alias).text }
        }
        return (strategy, golden)
    }

    private static func readRisk(_ map: YAMLMap) throws(HubError) -> Strategy.Risk {
        var risk = Strategy.Risk()
        risk.rollbackAlpha = try map.number("rollbackAlpha", default: risk.rollbackAlpha, above: 0, to: 0.5)
        risk.guardAlpha = try map.number("guardAlpha", default: risk.guardAlpha, above: 0, to: 0.5)
        risk.promoteAlpha = try map.number("promoteAlpha", default: risk.promoteAlpha, above: 0, to: 0.5)
        risk.harmBudget = try map.number("harmBudget", default: risk.harmBudget, above: 0, to: 0.5)
        // Above it the guard's middle bet (0.5) would no longer be a bet on harm.
        risk.hardLimit = try map.number("hardLimit", default: risk.hardLimit, above: 0, to: 0.35)
        return risk
    }

    private static func readPrepare(_ map: YAMLMap, into prepare: inout Strategy.Prepare) throws(HubError) -> GoldenReference? {
        prepare.warmup = try map.integer("warmup", default: 0, in: 0...10_000)
        prepare.checks = try readChecks(map)
        let golden = try map.optional("golden")?.text
        let reference = try golden.map { text throws(HubError) in
            try map.naming("golden") { () throws(HubError) in try GoldenReference(parsing: text) }
        }
        guard prepare.warmup == 0 || !prepare.checks.isEmpty || reference != nil else {
            throw map.at("warmup", "'warmup' needs requests to send: write 'checks' or 'golden' beside it")
        }
        return reference
    }

    private static func readBake(_ map: YAMLMap, of strategy: Strategy) throws(HubError) -> Strategy.Bake {
        var bake = Strategy.Bake()
        // Its old version is gone by then, and cannot keep a share.
        if strategy.kind == .recreate { bake.holdback = 0 }
        guard let part = try map.section("bake", ["duration", "holdback"]) else { return bake }
        bake.duration = try part.duration("duration", default: bake.duration)
        bake.holdback = try part.weight("holdback", default: bake.holdback, to: 5000)
        guard strategy.kind != .recreate || bake.holdback == 0 else {
            throw part.at("holdback", "strategy: recreate stops the old version first, so it cannot hold a share back; leave 'holdback' out")
        }
        return bake
    }

    private static func readWindows(_ map: YAMLMap) throws(HubError) -> [Strategy.Window] {
        let days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
        var windows: [Strategy.Window] = []
        for item in try map.maps("windows", what: "a window", atMost: 32) {
            try item.allow(["days", "from", "until"])
            var numbers: [Int] = []
            for day in try item.texts("days", atMost: 7) {
                guard let index = days.firstIndex(of: day.lowercased()) else {
                    throw item.at("days", "'\(FilePath.printable(day))' is not a day: expected \(YAMLMap.listed(days))")
                }
                guard !numbers.contains(index + 1) else { throw item.at("days", "\(day) is written twice") }
                numbers.append(index + 1)
            }
            let from = try minutes(item, "from")
            let until = try minutes(item, "until")
            guard from < until else { throw item.at("until", "a window ends after it begins, on the same day (UTC): write two for a night") }
            windows.append(Strategy.Window(days: numbers.isEmpty ? Array(1...7) : numbers.sorted(), from: from, until: until))
        }
        return windows
    }

    /// `08:30`, to `24:00`, as minutes of the day.
    private static func minutes(_ map: YAMLMap, _ key: String) throws(HubError) -> Int {
        let text = try map.require(key).text
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, parts.allSatisfy({ $0.count == 2 && $0.utf8.allSatisfy(\.isASCIIDigit) }), let hours = Int(parts[0]),
            let rest = Int(parts[1]), hours < 24 ? rest < 60 : hours == 24 && rest == 0
        else { throw map.at(key, "'\(key)' is '\(FilePath.printable(text))': expected a time of day in UTC such as \"08:30\"") }
        return hours * 60 + rest
    }

    private static func readNotices(_ map: YAMLMap) throws(HubError) -> [Strategy.Notice] {
        var notices: [Strategy.Notice] = []
        for item in try map.maps("notify", what: "a notice", atMost: 16) {
            try item.allow(["webhook", "events"])
            let name = try item.require("webhook").text
            try item.naming("webhook") { () throws(HubError) in try DeployName.check(name, what: "webhook name") }
            let events = try item.texts("events", atMost: 64)
            for event in events where !NoticeWords.all.contains(event) {
                throw item.at("events", "'\(FilePath.printable(event))' is not an event of a release: expected \(YAMLMap.listed(NoticeWords.all))")
            }
            notices.append(Strategy.Notice(webhook: name, events: events))
        }
        return notices
    }
}

/// What a webhook can be told of.
package enum NoticeWords {
    package static let all = [
        "started", "step", "baking", "paused", "resumed", "awaiting-approval", "completing", "rolling-back", "rolled-back", "succeeded", "failed",
        "canceled", "superseded"
    ]
}
