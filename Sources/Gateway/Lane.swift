import Core
import NIOCore
import Synchronization

/// One event loop's share of the gateway: its connections, its view of the routes, its counters.
/// Everything here is touched on its loop alone, except `meter`, which has a lock of its own.
final class Lane: @unchecked Sendable {
    let index: Int
    let loop: any EventLoop
    let gateway: Gateway
    let settings: GatewaySettings
    let meter = Mutex(Meter())

    var draw: Draw
    /// Request ids: a random beginning and a counter.
    private let idPrefix = UInt64.random(in: 0...UInt64.max)
    private var idCount: UInt64 = 0
    /// The time of the event that is being handled.
    var now: Nanoseconds
    /// Where an outgoing head is put together; its memory is used again once it was sent.
    var scratch = ByteBuffer()
    var answerScratch = ByteBuffer()
    var clients: [Client] = []
    var keys = KeyCache()
    var isStopping = false
    var shadows: [ObjectIdentifier: ShadowCall] = [:]
    private var snapshot: Snapshot
    private var turn = 0
    var lastTicket: UInt64 = 0
    var sweeps = 0
    var sweeper: RepeatedTask?

    init(index: Int, loop: any EventLoop, gateway: Gateway) {
        self.index = index
        self.loop = loop
        self.gateway = gateway
        settings = gateway.settings
        draw = Draw(seed: gateway.settings.seed &+ UInt64(index) &* 0x9E37_79B9_7F4A_7C15)
        now = gateway.settings.steadyClock()
        snapshot = gateway.published.withLock { $0 }
    }

    /// The routes in effect: one comparison of a number, and a lock only when they changed.
    @inline(__always)
    func routes() -> Snapshot {
        if gateway.version.load(ordering: .acquiring) != snapshot.version {
            let newest = gateway.published.withLock { $0 }
            if newest.tenants !== snapshot.tenants { keys.forget() }
            snapshot = newest
        }
        return snapshot
    }

    @inline(__always)
    func tick() { now = settings.steadyClock() }

    /// What grew for one large head is not kept.
    func trimScratch() {
        if scratch.capacity > 64 << 10 { scratch = ByteBuffer() }
        if answerScratch.capacity > 64 << 10 { answerScratch = ByteBuffer() }
    }

    func nextTurn() -> Int {
        turn = (turn + 1) & 0xFFFF
        return turn
    }

    func nextID() -> (UInt64, UInt64) {
        idCount += 1
        return (idPrefix, UInt64(index) << 48 | idCount)
    }

    func add(_ client: Client) {
        client.place = clients.count
        clients.append(client)
    }

    func remove(_ client: Client) {
        guard client.place < clients.count, clients[client.place] === client else { return }
        let last = clients.removeLast()
        if last !== client {
            clients[client.place] = last
            last.place = client.place
        }
    }
}
