import Core

/// What a counter is kept for.
struct SeriesKey: Hashable, Sendable {
    var endpoint: EndpointName
    var variant: String
    var version: String

    init(endpoint: EndpointName, variant: String, version: String) {
        self.endpoint = endpoint
        self.variant = variant
        self.version = version
    }

    init(_ route: TrafficRoute, _ target: RouteTarget) {
        self.init(endpoint: route.endpoint, variant: target.variant.rawValue, version: target.version)
    }
}

/// Numbers for series. Bounded: of versions that no route names any more only so many are kept.
struct SeriesBook {
    static let limit = 4096
    private var numbers: [SeriesKey: Int] = [:]
    private var next = 0

    mutating func number(_ key: SeriesKey) -> Int {
        if let number = numbers[key] { return number }
        next += 1
        numbers[key] = next
        return next
    }

    /// - Returns: the numbers that were given up, oldest first.
    mutating func prune(inUse: Set<Int>) -> [Int] {
        guard numbers.count > Self.limit else { return [] }
        let old = numbers.filter { !inUse.contains($0.value) }.sorted { $0.value < $1.value }.prefix(numbers.count - Self.limit / 2)
        for (key, _) in old { numbers[key] = nil }
        return old.map(\.value)
    }

    var all: [(key: SeriesKey, number: Int)] { numbers.map { ($0.key, $0.value) } }
}
