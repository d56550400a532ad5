import API
import Core
import Hub
import Hummingbird
import NIOCore
import Release
import Wire

extension NativeRoutes {
    static let runningHandlers: [Endpoint: Handler] = [
        .listBackends: { call in
            try .json(Page(items: try call.hub.backends(of: try call.queriedEndpoint, for: call.who).map(BackendInfo.init)))
        },
        .listReplicas: { call in
            let asked = try call.queriedEndpoint
            if let asked { _ = try call.hub.endpoint(asked, for: call.who) }
            let running = await call.serving.replicas().filter { asked == nil || $0.endpoint == asked }
            let visible = Set(running.map(\.endpoint)).filter { call.sees($0) }
            let shown = running.filter { visible.contains($0.endpoint) }.sorted {
                ($0.endpoint, $0.backend, $0.slot) < ($1.endpoint, $1.backend, $1.slot)
            }
            return try .json(Page(items: shown.map(ReplicaInfo.init)))
        },
        .showReplicaLog: { call in
            let backend = try BackendID(parsing: call.value("backend"))
            let none = HubError(.unknownServing, "no model server \(backend.short) runs here that you can see; 'grayling endpoint show' lists them")
            let slotText = try call.value("slot")
            let bytes = try call.logBytes
            guard let slot = Int(slotText), let replica = await call.serving.replicas().first(where: { $0.backend == backend && $0.slot == slot }),
                call.sees(replica.endpoint)
            else { throw none }
            try call.hub.requireWriter(of: replica.endpoint, for: call.who)
            guard let log = await call.serving.log(backend, slot, bytes) else { throw none }
            return .text(ByteBuffer(bytes: log), type: "text/plain; charset=utf-8")
        },
        .listDrivers: { call in
            let traffic = call.serving.traffic
            return try .json(
                Page(items: [
                    DriverInfo(
                        name: "gateway", kind: "traffic", weightStep: traffic.weightStep, mirrors: traffic.mirrors,
                        comparesAnswers: traffic.comparesAnswers, isSticky: traffic.isSticky, countsRequests: traffic.countsRequests),
                    DriverInfo(name: "processes", kind: "replicas")
                ]))
        }
    ]
}

extension Call {
    /// Whether the endpoint exists for them.
    fileprivate func sees(_ name: EndpointName) -> Bool {
        // Any refusal is one: what they may not see is left out, not reported.
        (try? hub.endpoint(name, for: who)) != nil
    }

    fileprivate var logBytes: Int {
        get throws(HubError) {
            guard let text = query("bytes") else { return 16_384 }
            guard let number = Int(text), (1...1_048_576).contains(number) else {
                throw HubError(.invalidRequest, "'bytes' is '\(FilePath.printable(String(text.prefix(40))))': expected a number from 1 to 1048576")
            }
            return number
        }
    }
}
