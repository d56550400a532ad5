import Core

// The units of a manifest. A value that has none of these shapes is refused with its line and
// with what was expected; nothing is rounded.
extension YAMLMap {
    /// `250ms`, `30s`, `10m`, `3h`: whole numbers, one unit.
    func duration(
        _ key: String, default standard: Milliseconds, from least: Milliseconds = 0, to most: Milliseconds = 30 * 86_400_000
    ) throws(HubError) -> Milliseconds {
        guard let text = try optional(key)?.text else { return standard }
        guard let value = Units.milliseconds(text) else {
            throw at(key, "'\(key)' is '\(FilePath.printable(text))': expected a length of time such as 250ms, 30s, 10m or 3h")
        }
        guard (least...most).contains(value) else {
            throw at(key, "'\(key)' is \(text): expected from \(Units.duration(least)) to \(Units.duration(most))")
        }
        return value
    }

    /// `12Gi`, `500M`, or bytes without a unit.
    func size(_ key: String) throws(HubError) -> Int64? {
        guard let text = try optional(key)?.text else { return nil }
        guard let value = Units.bytes(text), value > 0 else {
            throw at(key, "'\(key)' is '\(FilePath.printable(text))': expected a size such as 12Gi (powers of 1024) or 500M (powers of 1000)")
        }
        return value
    }

    /// A share from 0 to 1 with at most four decimals, as basis points: 0.05 is 500.
    func weight(_ key: String, default standard: Int, to most: Int = 10_000) throws(HubError) -> Int {
        guard let text = try optional(key)?.text else { return standard }
        guard let value = Units.basisPoints(text) else {
            throw at(
                key,
                "'\(key)' is '\(FilePath.printable(text))': expected a share from 0 to 1 with at most four decimals, such as 0.05 for 5 % (the finest share is 0.01 %)"
            )
        }
        guard value <= most else { throw at(key, "'\(key)' is \(text): expected at most \(Units.share(most))") }
        return value
    }

    func integer(_ key: String, default standard: Int, in range: ClosedRange<Int>) throws(HubError) -> Int {
        try optionalInteger(key, in: range) ?? standard
    }

    func optionalInteger(_ key: String, in range: ClosedRange<Int>) throws(HubError) -> Int? {
        guard let text = try optional(key)?.text else { return nil }
        guard let value = Int(text), range.contains(value) else {
            throw at(key, "'\(key)' is '\(FilePath.printable(text))': expected a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return value
    }

    /// A number above `least`, at most `most`.
    func number(_ key: String, default standard: Double, above least: Double, to most: Double) throws(HubError) -> Double {
        guard let text = try optional(key)?.text else { return standard }
        guard let value = Double(text), value.isFinite, value > least, value <= most else {
            throw at(key, "'\(key)' is '\(FilePath.printable(text))': expected a number above \(Units.plain(least)) and at most \(Units.plain(most))")
        }
        return value
    }

    func flag(_ key: String, default standard: Bool) throws(HubError) -> Bool {
        guard let text = try optional(key)?.text else { return standard }
        switch text {
        case "true": return true
        case "false": return false
        default: throw at(key, "'\(key)' is '\(FilePath.printable(text))': expected true or false")
        }
    }

    /// One word of a closed list.
    func choice<Choice: RawRepresentable & CaseIterable>(_ key: String, default standard: Choice) throws(HubError) -> Choice
    where Choice.RawValue == String {
        guard let text = try optional(key)?.text else { return standard }
        guard let choice = Choice(rawValue: text) else {
            throw at(
                key,
                "'\(key)' is '\(FilePath.printable(text))': expected \(Self.listed(Choice.allCases.map(\.rawValue)))")
        }
        return choice
    }

    func texts(_ key: String, atMost most: Int) throws(HubError) -> [String] {
        guard let value = optional(key) else { return [] }
        let nodes = try value.list
        guard nodes.count <= most else { throw at(key, "'\(key)' has \(nodes.count) items: expected at most \(most)") }
        var texts: [String] = []
        for node in nodes { texts.append(try YAMLValue(node: node, key: key).text) }
        return texts
    }

    /// The mappings of a list, in order.
    func maps(_ key: String, what: String, atMost most: Int) throws(HubError) -> [YAMLMap] {
        guard let value = optional(key) else { return [] }
        let nodes = try value.list
        guard nodes.count <= most else { throw at(key, "'\(key)' has \(nodes.count) items: expected at most \(most)") }
        var maps: [YAMLMap] = []
        for node in nodes { maps.append(try YAMLMap(node, what: what)) }
        return maps
    }

    /// The mapping under `key`, whose keys are all of `keys`; nil where it is absent.
    func section(_ key: String, _ keys: [String]) throws(HubError) -> YAMLMap? {
        guard let map = try optional(key)?.map else { return nil }
        try map.allow(keys)
        return map
    }

    /// An error that names the line of `key`.
    func at(_ key: String, _ reason: String) -> HubError {
        do {
            return try naming(key) { () throws(HubError) in throw HubError(.invalidRequest, reason) }
        } catch {
            return error
        }
    }

    static func listed(_ words: [String]) -> String {
        guard words.count > 1 else { return words.first ?? "" }
        return words.dropLast().joined(separator: ", ") + " or " + words[words.count - 1]
    }
}
