package import Core

extension TrafficRoute {
    /// The side a bucket (0..<10,000) belongs to. Raising the candidate's weight only moves
    /// buckets to the candidate, lowering it only moves some of those back: the candidate is cut
    /// from below, the control from above.
    package func variant(bucket: Int) -> Variant {
        var candidate = 0
        var control = 0
        for target in targets {
            switch target.variant {
            case .candidate: candidate = target.weight
            case .control: control = target.weight
            case .stable: break
            }
        }
        if bucket < candidate { return .candidate }
        return bucket >= Self.whole - control ? .control : .stable
    }
}
