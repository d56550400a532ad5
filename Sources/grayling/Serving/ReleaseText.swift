import API
import Core

/// Words about a release for people.
enum ReleaseText {
    /// `2 of 4`; nothing where there are no steps to take.
    static func step(_ release: ReleaseInfo) -> String {
        guard !release.steps.isEmpty else { return "-" }
        return "\(min(release.step + 1, release.steps.count)) of \(release.steps.count)"
    }

    /// Why it waits or ended.
    static func why(_ release: ReleaseInfo) -> String {
        if let outcome = release.outcome { return outcome.code }
        return release.pauses.isEmpty ? "-" : release.pauses.joined(separator: ", ")
    }

    static func facts(_ release: ReleaseInfo) -> [[String]] {
        var rows = [
            ["release", "\(release.id) (\(release.kind), \(release.strategy))"], ["to", describe(release.to)],
            ["from", release.from.map(describe) ?? "nothing: it is the first"], ["phase", phase(release)], ["step", stepLine(release)],
            [
                "weights",
                "candidate \(Units.percent(release.weights.candidate)), control \(Units.percent(release.weights.control)), stable \(Units.percent(release.weights.stable)), shadow \(Units.percent(release.weights.shadow))\(release.isRouteApplied ? "" : " (not in effect yet)")"
            ],
            ["lock", release.lock], ["by", release.submittedBy], ["created", String(release.created.prefix(19))]
        ]
        if let ended = release.ended { rows.append(["ended", String(ended.prefix(19))]) }
        if !release.reason.isEmpty { rows.append(["reason", release.reason]) }
        if let retried = release.retryOf { rows.append(["again after", retried]) }
        for approval in release.approvals { rows.append(["approved", approved(approval)]) }
        rows.append(["kept", release.isProtected ? "everything it needs is protected from deletion" : "its files may be collected"])
        rows.append(["generation", "\(release.generation)"])
        return rows
    }

    static func phase(_ release: ReleaseInfo) -> String {
        // Where it succeeded, the code is the phase's own word.
        if let outcome = release.outcome, outcome.code != release.phase || !outcome.message.isEmpty {
            return "\(release.phase): \(outcome.code)\(outcome.message.isEmpty ? "" : " (\(outcome.message))")"
        }
        return release.pauses.isEmpty ? release.phase : "\(release.phase): \(release.pauses.joined(separator: ", "))"
    }

    static func approved(_ approval: ApprovalInfo) -> String {
        let word = approval.isApproval ? "approved" : "rejected"
        return "step \(approval.step + 1) \(word) by \(approval.actor)\(approval.comment.isEmpty ? "" : ": \(approval.comment)")"
    }

    static func describe(_ label: BackendLabelInfo) -> String { "\(PlanText.label(label)) (commit \(label.commit.prefix(12)))" }

    private static func stepLine(_ release: ReleaseInfo) -> String {
        guard release.steps.indices.contains(release.step) else { return step(release) }
        let current = release.steps[release.step]
        var words = ["\(step(release)): weight \(Units.percent(current.weight))"]
        if current.shadow > 0 { words.append("shadow \(Units.percent(current.shadow))") }
        words.append("at least \(Units.reading(current.minObserved))")
        if let quorum = current.quorum { words.append("then \(quorum) approval\(quorum == 1 ? "" : "s") of \(current.role ?? "admin")") }
        return words.joined(separator: ", ")
    }
}
