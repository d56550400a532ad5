import Synchronization

/// What the process counts, for `/metrics`. Counting takes no lock; a lock guards only the
/// list of what there is.
package final class Metrics: Sendable {
    package let inFlight = Number()
    package let connections = Number()
    package let bytesSent = Number()
    package let bytesReceived = Number()
    package let uploadsInFlight = Number()
    package let uploads = Number()

    private struct Registered {
        var surfaces: [Surface] = []
        var others: [Other] = []
    }
    private struct Other: Sendable {
        let name: String
        let help: String
        let type: String
        let read: @Sendable () -> Double
    }
    private let registered = Mutex(Registered())

    package init() {
        gauge("requests_in_flight", "Requests that have begun and are not answered to the end.") { [inFlight] in Double(inFlight.value) }
        gauge("connections", "Open connections.") { [connections] in Double(connections.value) }
        counter("bytes_sent_total", "Bytes of response bodies handed to sockets.", bytesSent)
        counter("bytes_received_total", "Bytes of request bodies received.", bytesReceived)
        gauge("uploads_in_flight", "Request bodies that have begun and not ended.") { [uploadsInFlight] in Double(uploadsInFlight.value) }
        counter("uploads_total", "Request bodies received to their end.", uploads)
    }

    /// The counters of one part of the server, such as `native` or `huggingface`; the same
    /// object for the same name. Ask once and keep it.
    package func surface(_ name: String) -> Surface {
        registered.withLock { registered in
            if let known = registered.surfaces.first(where: { $0.name == name }) { return known }
            let new = Surface(name)
            registered.surfaces.append(new)
            return new
        }
    }

    /// A number read when somebody looks. `name` goes without the prefix `grayling_`.
    package func gauge(_ name: String, _ help: String, read: @escaping @Sendable () -> Double) {
        registered.withLock { $0.others.append(Other(name: name, help: help, type: "gauge", read: read)) }
    }

    /// A number that only grows; `name` goes without the prefix and ends in `_total`.
    package func counter(_ name: String, _ help: String, _ number: Number) {
        registered.withLock { $0.others.append(Other(name: name, help: help, type: "counter") { Double(number.value) }) }
    }

    package func counter(_ name: String, _ help: String) -> Number {
        let number = Number()
        counter(name, help, number)
        return number
    }

    /// Prometheus text format 0.0.4: serve it as `text/plain; version=0.0.4; charset=utf-8`.
    package func render() -> String {
        let now = registered.withLock { $0 }
        var out = ""
        func begin(_ name: String, _ help: String, _ type: String) {
            out += "# HELP grayling_\(name) \(help)\n# TYPE grayling_\(name) \(type)\n"
        }
        begin("requests_total", "Requests answered, by surface and class of status.", "counter")
        for surface in now.surfaces { surface.renderCounts(into: &out) }
        begin("request_duration_seconds", "Seconds from a request's head to the end of its answer.", "histogram")
        for surface in now.surfaces { surface.renderDurations(into: &out) }
        for other in now.others {
            begin(other.name, other.help, other.type)
            out += "grayling_\(other.name) \(Self.text(other.read()))\n"
        }
        return out
    }

    static func text(_ number: Double) -> String {
        number == number.rounded() && abs(number) < 9e15 ? String(Int64(number)) : "\(number)"
    }
}

/// A number that many threads add to.
package final class Number: Sendable {
    private let atomic = Atomic<Int64>(0)
    package init() {}
    package func add(_ amount: Int64 = 1) { atomic.wrappingAdd(amount, ordering: .relaxed) }
    package var value: Int64 { atomic.load(ordering: .relaxed) }
}
