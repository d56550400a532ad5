import Core
import Release
import Synchronization

/// A route made ready for requests: every name as bytes, every span in nanoseconds, every answer
/// header as it will be written. Immutable; a request keeps the one it began with.
final class EndpointRoute: Sendable {
    let route: TrafficRoute
    let shared: EndpointShared
    let sides: [Side]
    let limits: Limits
    let keys: [Key]
    let rules: [(key: Key, equals: [UInt8], variant: Variant)]
    let pinHeader: [UInt8]?
    let hash: CohortHash
    let candidateWeight: Int
    let shadow: Shadow?
    let shadowSeries: Int
    /// The body's fields that have a say in the assignment, by their numbers.
    let bodyFields: [Int]
    var readsBody: Bool { !bodyFields.isEmpty }

    enum Key: Sendable {
        case header([UInt8])
        case cookie([UInt8])
        /// Number of the field in the snapshot's list.
        case body(Int)
        case tenant
    }

    struct Limits: Sendable {
        let queue, firstByte, stream, idle: Nanoseconds
        init(_ limits: TrafficLimits) {
            func span(_ time: Milliseconds) -> Nanoseconds { min(max(1, time), 1 << 40) * 1_000_000 }
            queue = span(limits.queueTimeout)
            firstByte = span(limits.firstByteTimeout)
            stream = span(limits.streamTimeout)
            idle = span(limits.idleTimeout)
        }
    }

    /// One side with its replicas of the moment.
    final class Side: Sendable {
        let target: RouteTarget
        let backend: Backend
        let replicas: [Replica]
        let series: Int
        let answerFields: [UInt8]
        init(target: RouteTarget, backend: Backend, series: Int, answerFields: [UInt8]) {
            self.target = target
            self.backend = backend
            replicas = backend.replicas(in: target.slots)
            self.series = series
            self.answerFields = answerFields
        }
        var isReady: Bool { replicas.contains { !$0.isDraining.load(ordering: .relaxed) } }
    }

    struct Shadow: Sendable {
        let rule: ShadowRule
        let backend: Backend
        let replicas: [Replica]
    }

    init(
        _ route: TrafficRoute, shared: EndpointShared, fields: [[UInt8]], hash: CohortHash, backend: (BackendID) -> Backend,
        series: (SeriesKey) -> Int
    ) {
        self.route = route
        self.shared = shared
        self.hash = hash
        sides = route.targets.map { target in
            Side(
                target: target, backend: backend(target.backend), series: series(SeriesKey(route, target)),
                answerFields: AnswerFields.write(route, target))
        }
        limits = Limits(route.limits)
        func key(_ key: AssignmentKey) -> Key {
            switch key {
            case .header(let name): .header(Array(name.lowercased().utf8))
            case .cookie(let name): .cookie(Array(name.utf8))
            case .body(let name): .body(fields.firstIndex { $0.elementsEqual(name.utf8) } ?? 0)
            case .tenant: .tenant
            }
        }
        keys = route.assignment.keys.map(key)
        rules = route.rules.map { (key($0.key), Array($0.equals.utf8), $0.variant) }
        pinHeader = route.assignment.pinHeader.map { Array($0.lowercased().utf8) }
        candidateWeight = route.target(.candidate)?.weight ?? 0
        shadow = route.shadow.map { rule in
            let backend = backend(rule.backend)
            return Shadow(rule: rule, backend: backend, replicas: backend.replicas)
        }
        shadowSeries = series(SeriesKey(endpoint: route.endpoint, variant: "shadow", version: ""))
        bodyFields = Self.bodyFields(route).compactMap { name in fields.firstIndex { $0.elementsEqual(name.utf8) } }
    }

    static func bodyFields(_ route: TrafficRoute) -> [String] {
        (route.assignment.keys + route.rules.map(\.key)).compactMap { if case .body(let name) = $0 { name } else { nil } }
    }

    func side(_ variant: Variant) -> Side? { sides.first { $0.target.variant == variant } }
}

/// The headers by which an answer says who gave it.
enum AnswerFields {
    static func write(_ route: TrafficRoute, _ target: RouteTarget) -> [UInt8] {
        let version = target.version.unicodeScalars.map { $0.isASCII && $0.value >= 0x20 && $0.value < 0x7F ? Character($0) : "?" }
        return Array(
            """
            X-Endpoint: \(route.endpoint)\r\nX-Model-Version: \(String(version))\r\nX-Model-Digest: \(target.model)\r\n\
            X-Variant: \(target.variant.rawValue)\r\nX-Route-Generation: \(route.generation)\r\n
            """.utf8)
    }
}
