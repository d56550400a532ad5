import Core
import Release

extension DecisionDraft {
    /// What a tick that moves a judged release rests on: the finding, and everything it was
    /// computed from. Nil where no evidence had a part in it.
    init?(_ event: Event, of charge: Charge) {
        guard case .tick(let tick) = event, charge.release.isCompared else { return nil }
        let finding = tick.finding
        let isBaking = charge.release.phase == .baking
        let rule =
            switch finding.verdict {
            case .guardTripped: isBaking ? "6.10" : "6.2"
            case .fail: "6.3"
            case .assignmentBias: "6.8"
            case .noData: "6.11"
            case .pass: "6.4"
            case .inconclusive: finding.trip != nil ? "6.2" : "6.5"
            }
        var reason = finding.explanation
        if let culprit = finding.culprit, !reason.contains(culprit) { reason = reason.isEmpty ? culprit : "\(culprit): \(reason)" }
        self.init(rule: rule, verdict: finding.verdict.rawValue, reason: reason, inputs: charge.analysis.inputs)
    }
}
