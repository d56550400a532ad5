import Core
import Release

/// What the replicas of one backend do next, as a value: it hears what happened and says what to do. No clock, no
/// process, no file: the supervisor carries the actions out, and comes back with events.
struct BackendMachine: Sendable {
    private(set) var order: BackendOrder
    let settings: FleetSettings
    var goal = Goal.rest
    var slots: [Slot]
    var material: Material
    var preparing: Preparing?
    /// Counts preparations and materialisations, so that an answer to an earlier question is recognised.
    var round = 0
    /// It passed its preparation, or needed none: its ready replicas may take requests.
    var isServable = false
    /// Why its preparation failed; nothing runs until it is ordered again.
    var failure: String?
    /// Since when there is no ready replica although there should be.
    var downSince: Milliseconds?
    var isDownReported = false
    var isReadyReported = false
    /// Idle; its replicas take no more requests and will be ended once none is under way.
    var settlingSince: Milliseconds?
    /// The last request that asked for a start.
    var demandAt: Milliseconds?
    var announced: [ReplicaAddress]?
    var hasEnded = false

    enum Goal: Hashable, Sendable {
        case run
        /// Cold: nothing runs until a request or an order comes.
        case rest
        case drain(since: Milliseconds, deadline: Milliseconds)
        /// Nothing is left of it, neither process nor file.
        case end
    }

    enum Material: Hashable, Sendable {
        case missing(notBefore: Milliseconds)
        case making(round: Int)
        case there
    }

    enum Preparing: Hashable, Sendable { case starting, warming, checking }

    struct Slot: Sendable {
        var phase = Phase.idle(notBefore: 0)
        /// Counts launches; what is said of an earlier one no longer counts.
        var run = 0
        /// In a row.
        var failures = 0
        /// Starts on a port that somebody else had taken meanwhile; they count as no failure.
        var portsTaken = 0
        var restarts = 0
        var pid: Int?
        var address: ReplicaAddress?
        var since: Milliseconds = 0
        var note = ""
        /// The launch that is being ended is to be followed by another, after the back-off.
        var isFailing = false
    }

    enum Phase: Hashable, Sendable {
        case idle(notBefore: Milliseconds)
        case starting
        case ready
        /// It runs, but no longer answers.
        case silent
        case ending
    }

    init(_ order: BackendOrder, settings: FleetSettings) {
        self.order = order
        self.settings = settings
        switch order.spec.runtime.kind {
        case .process:
            slots = Array(repeating: Slot(), count: max(1, order.spec.runtime.replicas))
            material = .missing(notBefore: 0)
        case .external(let urls):
            slots = Array(repeating: Slot(), count: urls.count)
            material = .there
        }
    }

    var runtime: RuntimeSpec { order.spec.runtime }
    var isExternal: Bool {
        if case .external = runtime.kind { true } else { false }
    }
    var readyAddresses: [ReplicaAddress] { slots.filter { $0.phase == .ready }.compactMap(\.address) }
    var isAllReady: Bool { !slots.isEmpty && slots.allSatisfy { $0.phase == .ready } }
    /// Whether a preparation decides over its life: nothing has been served yet.
    var isOnTrial: Bool { preparing != nil && !isServable }
    var mayRest: Bool { order.mayRest && runtime.scaleToZero != nil && preparing == nil && !isExternal }

    /// One event in, what follows from it out.
    mutating func handle(_ event: Event, at now: Milliseconds) -> [Action] {
        var actions: [Action] = []
        switch event {
        case .order(let order): take(order, at: now, &actions)
        case .wake: wake(at: now)
        case .drain(let deadline): drain(deadline: deadline, at: now, &actions)
        case .stop: finish(.end)
        case .close: finish(.rest)
        case .tick(let inFlight, let lastRequest): tick(inFlight: inFlight, lastRequest: lastRequest, at: now, &actions)
        default: hear(event, at: now, &actions)
        }
        converge(at: now, &actions)
        announce(&actions)
        return actions
    }

    mutating func replace(_ order: BackendOrder) { self.order = order }

    /// A process found running after our own restart; before the order that says what it is for.
    mutating func adopt(slot i: Int, pid: Int, at address: ReplicaAddress, answers: Bool, now: Milliseconds) {
        slots[i].pid = pid
        slots[i].address = address
        enter(i, answers ? .ready : .starting, at: now)
    }
}
