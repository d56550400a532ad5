import API
import Core

/// What 'release watch' shows of a release at one moment.
struct WatchView {
    let release: ReleaseInfo
    let analysis: AnalysisInfo

    func lines(width: Int) -> [String] {
        let bar = min(40, max(10, width / 3))
        var lines = [
            "\(release.id)  \(release.from.map { "\(PlanText.label($0)) -> " } ?? "")\(PlanText.label(release.to))  (\(release.strategy))",
            "  \(ReleaseText.phase(release))\(release.isRouteApplied || release.isTerminal ? "" : "  (route on its way)")", "  \(path)"
        ]
        let weights = release.weights
        lines.append(weight("stable", weights.stable, bar))
        if weights.control > 0 { lines.append(weight("control", weights.control, bar)) }
        lines.append(weight("candidate", weights.candidate, bar))
        if weights.shadow > 0 { lines.append(weight("shadow", weights.shadow, bar)) }
        for metric in analysis.metrics { lines += EvidenceText.lines(metric, width: bar).map { "  " + $0 } }
        for approval in release.approvals { lines.append("  \(ReleaseText.approved(approval))") }
        if release.pauses.contains("awaiting-approval") { lines.append("  waits for: grayling release approve \(release.id)") }
        return lines
    }

    /// The walk: steps done, the present one in brackets, then the bake.
    private var path: String {
        let isWalking = release.phase == "progressing" || release.phase == "paused"
        var words = release.steps.enumerated().map { i, step in
            let word = step.weight > 0 ? Units.percent(step.weight) : "shadow"
            return isWalking && i == release.step ? "[\(word)]" : word
        }
        words.append(release.phase == "baking" ? "[bake]" : "bake")
        words.append(release.phase == "succeeded" ? "[stable]" : "stable")
        return words.joined(separator: " > ")
    }

    private func weight(_ name: String, _ basisPoints: Int, _ width: Int) -> String {
        let title = name + String(repeating: " ", count: max(0, 10 - name.count))
        return "  \(title)[\(EvidenceText.bar(Double(basisPoints) / 10_000, width: width))] \(Units.percent(basisPoints))"
    }
}
