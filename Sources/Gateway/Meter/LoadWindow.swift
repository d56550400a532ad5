import Core

/// Whether candidate and partner (control, or stable without one) work under the same load: the
/// same number of ready replicas for each unit of weight, over a whole window. What is in flight
/// says nothing of load: a slower side always has more of it (Docs/decisions/0011, point 7). The
/// verdict on a window is made when it ends and holds for the next: it cannot depend on the
/// requests that it admits.
struct LoadWindow {
    static let span: Nanoseconds = 5_000_000_000
    static let minSamples = 10

    struct Sample {
        var candidateReplicas, candidateWeight: Int
        var partnerReplicas, partnerWeight: Int
    }

    private(set) var isEqual = false
    private var began: Nanoseconds?
    private var samples = 0
    private var hasEqualShares = true

    mutating func add(_ sample: Sample, at now: Nanoseconds) {
        if let began, now - began >= Self.span {
            isEqual = samples >= Self.minSamples && hasEqualShares
            restart(now)
        } else if began == nil {
            restart(now)
        }
        samples += 1
        guard sample.candidateReplicas > 0, sample.partnerReplicas > 0,
            sample.candidateReplicas * sample.partnerWeight == sample.partnerReplicas * sample.candidateWeight
        else {
            // Seen at once: a step to another weight ends the comparison now, not with the window.
            hasEqualShares = false
            isEqual = false
            return
        }
    }

    private mutating func restart(_ now: Nanoseconds) {
        began = now
        samples = 0
        hasEqualShares = true
    }
}
