import Core
import Yams

extension EndpointManifest {
    static func readObjectives(_ map: YAMLMap) throws(HubError) -> [Objective] {
        // An observation has one bit for each; sixteen are more than anybody reads.
        let items = try map.maps("objectives", what: "an objective", atMost: 16)
        var objectives: [Objective] = []
        for item in items {
            let objective = try readObjective(item)
            guard !objectives.contains(where: { $0.name == objective.name }) else {
                throw item.at("name", "two objectives are called '\(objective.name)'; give each its own name")
            }
            objectives.append(objective)
        }
        guard objectives.contains(where: { !$0.isReportOnly }) else {
            throw map.at("objectives", "no objective decides: a release needs at least one that is not 'report: true', or it could never be promoted")
        }
        return objectives
    }

    private static func readObjective(_ map: YAMLMap) throws(HubError) -> Objective {
        try map.allow(["name", "source", "bad", "slo", "relativeLimit", "compare", "mode", "scorer", "margin", "report"])
        let name = try map.require("name").text
        guard name.utf8.count <= 32, name.utf8.allSatisfy({ ($0.isASCIILetter && $0 >= 0x61) || $0.isASCIIDigit || $0 == 0x2D }) else {
            throw map.at("name", "'\(FilePath.printable(String(name.prefix(80))))' is not an objective's name: expected 1 to 32 of a-z, 0-9 and '-'")
        }
        var objective = Objective(name: name)
        objective.source = try map.choice("source", default: Objective.Source.requests)
        objective.isReportOnly = try map.flag("report", default: false)
        switch objective.source {
        case .requests:
            for key in ["scorer", "margin"] where map.has(key) {
                throw map.at(key, "'\(key)' is for source: paired-shadow; an objective of requests has 'bad', 'slo' and 'relativeLimit'")
            }
            let rule = try map.require("bad").text
            objective.bad = try map.naming("bad") { () throws(HubError) in try BadRule(parsing: rule) }
            objective.slo = try map.number("slo", default: objective.slo, above: 0, to: 0.5)
            objective.relativeLimit = try map.number("relativeLimit", default: objective.relativeLimit, above: 1, to: 100)
            objective.compare = try map.choice("compare", default: Objective.Compare.always)
            objective.mode = try map.choice("mode", default: Objective.Mode.either)
        case .pairedShadow:
            for key in ["bad", "slo", "relativeLimit", "compare", "mode"] where map.has(key) {
                throw map.at(key, "'\(key)' is for objectives of requests; one of source: paired-shadow has 'scorer' and 'margin'")
            }
            _ = try map.require("scorer")
            objective.scorer = try map.choice("scorer", default: Scorer.status)
            objective.margin = try map.number("margin", default: objective.margin, above: 0, to: 0.5)
        }
        return objective
    }
}
