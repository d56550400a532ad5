/// Counts in fixed buckets, in seconds; merged by addition.
struct Histogram {
    /// From what a gateway adds to what a long answer takes.
    static let bounds: [Double] = [
        0.000_05, 0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300
    ]
    private(set) var counts = [UInt64](repeating: 0, count: Histogram.bounds.count + 1)
    private(set) var sum = 0.0
    var count: UInt64 { counts.reduce(0, +) }

    mutating func observe(_ seconds: Double) {
        // The buckets are few: halving finds one in five steps.
        var low = 0
        var high = Self.bounds.count
        while low < high {
            let middle = (low + high) / 2
            if seconds <= Self.bounds[middle] { high = middle } else { low = middle + 1 }
        }
        counts[low] += 1
        sum += seconds
    }

    mutating func add(_ other: Histogram) {
        for i in counts.indices { counts[i] += other.counts[i] }
        sum += other.sum
    }
}
