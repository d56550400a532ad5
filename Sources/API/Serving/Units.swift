package import Core

/// Times, sizes and shares as people write them in a manifest and read them on a terminal.
package enum Units {
    /// Whole numbers with one unit of `ms`, `s`, `m`, `h`; nil for anything else.
    package static func milliseconds(_ text: String) -> Milliseconds? {
        for (unit, factor) in [("ms", Int64(1)), ("s", 1000), ("m", 60_000), ("h", 3_600_000)] where text.hasSuffix(unit) {
            guard let number = whole(text.dropLast(unit.count)) else { continue }
            let (value, overflow) = number.multipliedReportingOverflow(by: factor)
            return overflow ? nil : value
        }
        return nil
    }

    package static func bytes(_ text: String) -> Int64? {
        let units: [(String, Int64)] = [
            ("Ki", 1 << 10), ("Mi", 1 << 20), ("Gi", 1 << 30), ("Ti", 1 << 40), ("K", 1000), ("M", 1_000_000), ("G", 1_000_000_000),
            ("T", 1_000_000_000_000), ("", 1)
        ]
        for (unit, factor) in units where text.hasSuffix(unit) {
            guard let number = whole(text.dropLast(unit.count)) else { continue }
            let (value, overflow) = number.multipliedReportingOverflow(by: factor)
            return overflow ? nil : value
        }
        return nil
    }

    /// `0`, `1`, `0.05`, `.25`, `1.0000`: read digit by digit, so that no share is rounded.
    package static func basisPoints(_ text: String) -> Int? {
        let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        guard let head = parts.first, head.isEmpty ? parts.count == 2 : whole(head) != nil, head.count <= 1 else { return nil }
        let decimals = parts.count == 2 ? parts[1] : ""
        guard decimals.count <= 4, decimals.utf8.allSatisfy(\.isASCIIDigit), parts.count == 1 || !decimals.isEmpty else { return nil }
        let padded = decimals + String(repeating: "0", count: 4 - decimals.count)
        let value = (whole(head) ?? 0) * 10_000 + (whole(padded[...]) ?? 0)
        return value <= 10_000 ? Int(value) : nil
    }

    /// The largest unit that needs no fraction: `90s`, `2m`.
    package static func duration(_ value: Milliseconds) -> String {
        for (unit, factor) in [("h", Int64(3_600_000)), ("m", 60_000), ("s", 1000)] where value != 0 && value % factor == 0 {
            return "\(value / factor)\(unit)"
        }
        return value == 0 ? "0s" : "\(value)ms"
    }

    /// For reading, not for parsing: `1 h 25 min`, `40 s`, `250 ms`.
    package static func reading(_ value: Milliseconds) -> String {
        switch value {
        case ..<1000: "\(value) ms"
        case ..<120_000: "\((value + 500) / 1000) s"
        case ..<7_200_000: "\((value + 30_000) / 60_000) min"
        case ..<172_800_000: "\(value / 3_600_000) h \(value % 3_600_000 / 60_000) min"
        default: "\(value / 86_400_000) d \(value % 86_400_000 / 3_600_000) h"
        }
    }

    /// Basis points as a share in percent: `5 %`, `0.25 %`.
    package static func percent(_ basisPoints: Int) -> String {
        let (whole, rest) = (basisPoints / 100, basisPoints % 100)
        if rest == 0 { return "\(whole) %" }
        return rest % 10 == 0 ? "\(whole).\(rest / 10) %" : "\(whole).\(rest < 10 ? "0" : "")\(rest) %"
    }

    /// Basis points as a manifest writes them.
    package static func share(_ basisPoints: Int) -> String { plain(Double(basisPoints) / 10_000) }

    package static func plain(_ number: Double) -> String {
        number == number.rounded() && abs(number) < 1e15 ? String(Int64(number)) : String(number)
    }

    private static func whole(_ text: Substring) -> Int64? {
        guard !text.isEmpty, text.utf8.allSatisfy(\.isASCIIDigit) else { return nil }
        return Int64(text)
    }
}
