package import NIOCore

extension Metrics {
    /// The requests of one part of the server.
    package final class Surface: Sendable {
        package let name: String
        /// By the first digit of the status, from 1xx to 5xx.
        private let classes = (0..<5).map { _ in Number() }
        private let buckets = (0...Surface.bounds.count).map { _ in Number() }
        private let nanoseconds = Number()

        /// Upper ends in seconds: from a cached head to a large model over a slow line.
        package static let bounds: [Double] = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60, 600]
        private static let boundNanoseconds = bounds.map { Int64($0 * 1e9) }

        init(_ name: String) { self.name = name }

        package func answered(status: Int, after time: TimeAmount) {
            classes[min(max(status / 100, 1), 5) - 1].add()
            let index = Self.boundNanoseconds.firstIndex { time.nanoseconds <= $0 } ?? Self.bounds.count
            buckets[index].add()
            nanoseconds.add(time.nanoseconds)
        }

        package func count(ofClass first: Int) -> Int64 { classes[first - 1].value }

        func renderCounts(into out: inout String) {
            for (index, number) in classes.enumerated() where number.value > 0 {
                out += "grayling_requests_total{surface=\"\(name)\",status=\"\(index + 1)xx\"} \(number.value)\n"
            }
        }

        func renderDurations(into out: inout String) {
            var sum: Int64 = 0
            for (bound, bucket) in zip(Self.bounds, buckets) {
                sum += bucket.value
                out += "grayling_request_duration_seconds_bucket{surface=\"\(name)\",le=\"\(Metrics.text(bound))\"} \(sum)\n"
            }
            sum += buckets[Self.bounds.count].value
            out += "grayling_request_duration_seconds_bucket{surface=\"\(name)\",le=\"+Inf\"} \(sum)\n"
            out += "grayling_request_duration_seconds_sum{surface=\"\(name)\"} \(Metrics.text(Double(nanoseconds.value) / 1e9))\n"
            out += "grayling_request_duration_seconds_count{surface=\"\(name)\"} \(sum)\n"
        }
    }
}
