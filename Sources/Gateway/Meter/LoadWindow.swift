import Core

/// Whether candidate and partner (control, or stable without one) work under the same load: the
/// same number of replicas for each unit of weight, and a mean in-flight per replica that differs
/// by at most 20 %, or by less than a tenth of a request where hardly anything is under way. The
/// verdict on a window is made when it ends and holds for the next: it cannot depend on the
/// requests that it admits.
struct LoadWindow {
    static let span: Nanoseconds = 5_000_000_000
    static let minSamples = 10

    struct Sample {
        var candidateInFlight, candidateReplicas, candidateWeight: Int
        var partnerInFlight, partnerReplicas, partnerWeight: Int
    }

    private(set) var isEqual = false
    private var began: Nanoseconds?
    private var samples = 0
    private var candidate = 0.0
    private var partner = 0.0
    private var hasEqualShares = true

    mutating func add(_ sample: Sample, at now: Nanoseconds) {
        if let began, now - began >= Self.span {
            isEqual = samples >= Self.minSamples && hasEqualShares && Self.isNear(candidate / Double(samples), partner / Double(samples))
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
        candidate += Double(sample.candidateInFlight) / Double(sample.candidateReplicas)
        partner += Double(sample.partnerInFlight) / Double(sample.partnerReplicas)
    }

    private mutating func restart(_ now: Nanoseconds) {
        began = now
        samples = 0
        candidate = 0
        partner = 0
        hasEqualShares = true
    }

    static func isNear(_ a: Double, _ b: Double) -> Bool { abs(a - b) <= max(0.2 * max(a, b), 0.1) }
}
