import Core

extension Release {
    /// 11.
    mutating func awaitApproval() -> [Command] {
        _ = pause(.awaitingApproval)
        // The generation that this very event makes.
        awaitingSince = generation + 1
        approvals = []
        return [.notify(.init(event: "awaiting-approval", reason: "step \(step + 1)"))]
    }

    /// 20. An approval answers the question that its giver saw: the same step and lock, and a
    /// generation since the question was put. The first of two approvals changes the generation,
    /// not the question.
    mutating func approve(_ approval: Approval) -> [Command]? {
        guard phase == .paused, pauses.contains(.awaitingApproval), let since = awaitingSince, approval.step == step,
            approval.lock == spec.lock, (since...max(since, generation)).contains(approval.generation),
            !approvals.contains(where: { $0.actor == approval.actor }),
            !(spec.strategy.approvesOthersOnly && approval.actor == spec.submittedBy)
        else { return nil }
        approvals.append(approval)
        guard approvals.count >= max(1, currentStep?.approval?.quorum ?? 1) else { return [] }
        pauses.removeAll { $0 == .awaitingApproval }
        awaitingSince = nil
        // Other reasons to wait remain: the step is left once they are gone and its gate is open.
        guard pauses.isEmpty else {
            isStepApproved = true
            return []
        }
        return leaveStep()
    }

    /// 26. By hand, against missing evidence, never against shown harm or an unexplained trip.
    /// A release of strategy `shadow` never goes live.
    mutating func promote(_ reason: String) -> [Command]? {
        guard phase == .progressing || phase == .paused, !hasFailed, !pauses.contains(.tripped), spec.strategy.kind != .shadow,
            !reason.allSatisfy(\.isWhitespace)
        else { return nil }
        approvals = []
        isStepApproved = false
        return enterBake()
    }
}
