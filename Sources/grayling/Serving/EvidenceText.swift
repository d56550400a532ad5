import API
import Core

/// The evidence of one metric as lines: counts by side, then a bar for each test.
enum EvidenceText {
    static func lines(_ metric: MetricInfo, width: Int) -> [String] {
        let report = metric.isReportOnly ? " (reported, decides nothing)" : ""
        let needed = metric.needed.map { $0 > 0 ? ", about \($0) more of the candidate needed" : "" } ?? ""
        var lines = [
            "\(Terminal.plain(metric.name)): \(metric.verdict)\(report)  candidate \(count(metric.candidate)), stable \(count(metric.stable))\(needed)"
        ]
        for test in metric.evidence where test.limit > 0 && (test.log10 != 0 || always.contains(test.test)) {
            let name = test.test + String(repeating: " ", count: max(0, 6 - test.test.count))
            lines.append("  \(name) [\(bar(test.log10 / test.limit, width: width))] \(decimal(test.log10)) of \(decimal(test.limit))")
        }
        return lines
    }

    private static let always = ["harm", "safety"]

    /// Filled by the share, from 0 to 1.
    static func bar(_ share: Double, width: Int) -> String {
        let filled = share.isFinite ? Int((min(max(share, 0), 1) * Double(width)).rounded(.down)) : 0
        return String(repeating: "#", count: filled) + String(repeating: "-", count: width - filled)
    }

    private static func count(_ side: MetricCountInfo) -> String {
        let rate = side.units > 0 ? " (\(decimal(side.bad / side.units * 100)) %)" : ""
        return "\(decimal(side.bad)) bad of \(decimal(side.units))\(rate)"
    }

    /// At most two decimals, none where they are zero.
    static func decimal(_ number: Double) -> String {
        guard number.isFinite, abs(number) < 1e12 else { return number < 0 ? "-inf" : "inf" }
        let hundredths = Int((number * 100).rounded())
        let (whole, rest) = (abs(hundredths) / 100, abs(hundredths) % 100)
        let sign = hundredths < 0 ? "-" : ""
        if rest == 0 { return "\(sign)\(whole)" }
        return rest % 10 == 0 ? "\(sign)\(whole).\(rest / 10)" : "\(sign)\(whole).\(rest < 10 ? "0" : "")\(rest)"
    }
}
