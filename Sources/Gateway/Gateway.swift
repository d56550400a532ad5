package import Core
import Dispatch
import NIOCore
import NIOPosix
package import Release
import Synchronization

/// The data plane: a streaming HTTP/1.1 reverse proxy that splits each endpoint's traffic between
/// pinned versions, and measures how it went.
/// - it serves the last route it was given, whatever happens to the control plane;
/// - it never calls anybody but `wake`, and waits for nobody;
/// - a request reads one immutable snapshot; when `apply` returns, no new request sees an older one.
package final class Gateway: TrafficDriver, Sendable {
    let settings: GatewaySettings
    let wake: @Sendable (BackendID) -> Void
    let control: Mutex<Control>
    let published: Mutex<Snapshot>
    /// The published snapshot's number: a loop looks at it with every request.
    let version = Atomic<Int>(0)
    let connections = Atomic<Int>(0)
    let shadowsUnderWay = Atomic<Int>(0)
    let server = Mutex(Server())
    private let waker = DispatchQueue(label: "grayling.gateway.wake")

    struct Server {
        var lanes: [Lane] = []
        var channel: (any Channel)?
        var isStopped = false
    }

    /// - Parameter wake: a request waits for a backend without replicas; called once for each start.
    package init(settings: GatewaySettings, wake: @escaping @Sendable (BackendID) -> Void = { _ in }) {
        self.settings = settings
        self.wake = wake
        let tenants = TenantTable([], earlier: nil, at: settings.wallClock())
        var control = Control(tenants: tenants, hash: CohortHash(key: settings.hashKey))
        let loops = Array(settings.loops.makeIterator())
        control.lanes = loops.count
        self.control = Mutex(control)
        published = Mutex(Snapshot(version: 0, routes: [], fields: control.fields, tenants: tenants))
        let lanes = loops.enumerated().map { Lane(index: $0.offset, loop: $0.element, gateway: self) }
        server.withLock { $0.lanes = lanes }
    }

    var lanes: [Lane] { server.withLock { $0.lanes } }

    package var capabilities: TrafficCapabilities {
        TrafficCapabilities(weightStep: 1, mirrors: true, comparesAnswers: true, isSticky: true, countsRequests: true)
    }

    /// Changes what the gateway was told, and puts it into effect before it returns.
    @discardableResult
    func change<Result: Sendable>(_ body: (inout Control) -> (Result, touched: (TrafficRoute) -> Bool)?) -> Result? {
        control.withLock { control in
            guard let (result, touched) = body(&control) else { return nil }
            control.compile(touched: touched)
            control.forget()
            let gone = control.series.prune(inUse: Set(control.compiled.values.flatMap { $0.sides.map(\.series) + [$0.shadowSeries] }))
            let routes = Array(control.compiled.values)
            let (fields, tenants) = (control.fields, control.tenants)
            published.withLock { published in
                published = Snapshot(version: published.version + 1, routes: routes, fields: fields, tenants: tenants)
                version.store(published.version, ordering: .releasing)
            }
            if !gone.isEmpty { forget(series: gone) }
            return result
        }
    }

    /// Beside the loops: whoever is called may take its time.
    func callAwake(_ backend: BackendID) {
        let wake = self.wake
        waker.async { wake(backend) }
    }

    private func forget(series: [Int]) {
        for lane in lanes { lane.meter.withLock { meter in for number in series { meter.series[number] = nil } } }
    }
}
