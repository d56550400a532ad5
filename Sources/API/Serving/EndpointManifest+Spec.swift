import Core
import Release
import Yams

extension EndpointManifest {
    /// The part of `spec` that traffic is served by.
    static func readSpec(_ map: YAMLMap, name: EndpointName) throws(HubError) -> EndpointSpec {
        var spec = EndpointSpec(name: name)
        spec.publicNames = try readPublicNames(map)
        spec.wire = try map.choice("protocol", default: ServingWire.http)
        if let part = try map.section("assignment", ["key", "unit", "pin"]) { spec.assignment = try readAssignment(part) }
        spec.rules = try readRules(map)
        if let part = try map.section(
            "limits", ["maxInFlightPerReplica", "queue", "firstByteTimeout", "streamTimeout", "idleTimeout", "quota"])
        {
            spec.limits = try readLimits(part)
        }
        if map.has("objectives") { spec.objectives = try readObjectives(map) }
        spec.access = try map.choice("access", default: EndpointAccess.anyone)
        if let part = try map.section("emergency", ["serveAnyReady", "retryOnStable"]) {
            spec.servesAnyReady = try part.flag("serveAnyReady", default: false)
            spec.retriesOnStable = try part.flag("retryOnStable", default: false)
        }
        spec.keepReleases = try map.integer("keepReleases", default: spec.keepReleases, in: 1...100)
        return spec
    }

    private static func readPublicNames(_ map: YAMLMap) throws(HubError) -> [String] {
        let names = try map.texts("publicNames", atMost: 64)
        for (i, name) in names.enumerated() {
            guard name.utf8.count <= 128, name.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != 0x22 && $0 != 0x5C }) else {
                throw map.at(
                    "publicNames",
                    "'\(FilePath.printable(String(name.prefix(80))))' is not a public name: expected 1 to 128 visible ASCII characters without '\"' and '\\'"
                )
            }
            guard !names[..<i].contains(name) else { throw map.at("publicNames", "the public name '\(name)' is written twice") }
        }
        return names
    }

    private static func readAssignment(_ map: YAMLMap) throws(HubError) -> AssignmentPolicy {
        var policy = AssignmentPolicy()
        for text in try map.texts("key", atMost: 8) {
            let key = try map.naming("key") { () throws(HubError) in try AssignmentKey(parsing: text) }
            guard !policy.keys.contains(key) else { throw map.at("key", "the assignment key \(key) is written twice") }
            policy.keys.append(key)
        }
        policy.unit = try map.choice("unit", default: AssignmentPolicy.Unit.request)
        guard policy.unit == .request || !policy.keys.isEmpty else {
            throw map.at(
                "unit", "unit: session needs a key: without one nothing tells which requests are one session; write key: [header:x-session-id]")
        }
        if let pin = try map.section("pin", ["header", "requires"]) {
            let header = try pin.require("header").text
            guard HeaderName.isValid(header) else {
                throw pin.at("header", "'\(FilePath.printable(String(header.prefix(80))))' is not a header's name: expected one such as x-variant")
            }
            if let right = try pin.optional("requires")?.text, right != "release.pin" {
                throw pin.at(
                    "requires", "'requires' is '\(FilePath.printable(right))': expected release.pin, the right that a tenant is given with --may-pin")
            }
            policy.pinHeader = header.lowercased()
        }
        return policy
    }

    private static func readRules(_ map: YAMLMap) throws(HubError) -> [MatchRule] {
        var rules: [MatchRule] = []
        for item in try map.maps("rules", what: "a rule", atMost: 64) {
            try item.allow(["key", "equals", "variant"])
            let text = try item.require("key").text
            let key = try item.naming("key") { () throws(HubError) in try AssignmentKey(parsing: text) }
            let equals = try item.require("equals").text
            _ = try item.require("variant")
            let variant = try item.choice("variant", default: Variant.stable)
            guard !rules.contains(where: { $0.key == key && $0.equals == equals }) else {
                throw item.fail("two rules are about \(key) = '\(FilePath.printable(equals))'; the second would never be used")
            }
            rules.append(MatchRule(key: key, equals: equals, variant: variant))
        }
        return rules
    }

    private static func readLimits(_ map: YAMLMap) throws(HubError) -> TrafficLimits {
        var limits = TrafficLimits()
        limits.maxInFlightPerReplica = try map.integer("maxInFlightPerReplica", default: limits.maxInFlightPerReplica, in: 1...100_000)
        if let queue = try map.section("queue", ["size", "timeout"]) {
            limits.queueSize = try queue.integer("size", default: limits.queueSize, in: 0...1_000_000)
            limits.queueTimeout = try queue.duration("timeout", default: limits.queueTimeout, to: 3_600_000)
        }
        limits.firstByteTimeout = try map.duration("firstByteTimeout", default: limits.firstByteTimeout, from: 1, to: 86_400_000)
        limits.streamTimeout = try map.duration("streamTimeout", default: limits.streamTimeout, from: 1, to: 7 * 86_400_000)
        limits.idleTimeout = try map.duration("idleTimeout", default: limits.idleTimeout, from: 1, to: 86_400_000)
        if let quota = try map.section("quota", ["perTenant"]), let part = try quota.section("perTenant", ["requestsPerMinute", "tokensPerDay"]) {
            limits.requestsPerMinute = try part.optionalInteger("requestsPerMinute", in: 1...1_000_000_000)
            limits.tokensPerDay = try part.optionalInteger("tokensPerDay", in: 1...1_000_000_000_000_000)
        }
        return limits
    }
}
