import Core
import Release

/// Everything a request needs to know of the outside, as one immutable value. A request reads it once.
final class Snapshot: Sendable {
    let version: Int
    let routes: NameTable<EndpointRoute>
    /// By public names, an endpoint's own among them.
    let models: NameTable<EndpointRoute>
    /// The body fields that matter to any route; `model` is the first.
    let fields: [[UInt8]]
    let tenants: TenantTable
    /// Answers of `/v1/models`: for everybody, and for tenants.
    let openModels: [UInt8]
    let allModels: [UInt8]

    init(version: Int, routes: [EndpointRoute], fields: [[UInt8]], tenants: TenantTable) {
        self.version = version
        self.fields = fields
        self.tenants = tenants
        let sorted = routes.sorted { $0.route.endpoint < $1.route.endpoint }
        self.routes = NameTable(sorted.map { ($0.route.endpoint.text, $0) })
        // An endpoint's own name wins over another's public name.
        models = NameTable(
            sorted.map { ($0.route.endpoint.text, $0) } + sorted.flatMap { route in route.route.publicNames.map { ($0, route) } })
        openModels = Self.list(sorted.filter { $0.route.access == .anyone })
        allModels = Self.list(sorted)
    }

    private static func list(_ routes: [EndpointRoute]) -> [UInt8] {
        var names: [String] = []
        for route in routes {
            for name in [route.route.endpoint.text] + route.route.publicNames where !names.contains(name) {
                names.append(name)
            }
        }
        let items = names.map { "{\"id\":\(JSONText.quoted($0)),\"object\":\"model\",\"created\":0,\"owned_by\":\"grayling\"}" }
        return Array("{\"object\":\"list\",\"data\":[\(items.joined(separator: ","))]}".utf8)
    }
}

/// Text as a JSON string.
enum JSONText {
    static func quoted(_ text: String) -> String {
        var out = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": out += "\\\""
            case "\\": out += "\\\\"
            case "\u{0}"..<" ":
                let digits = Array("0123456789abcdef")
                out += "\\u00" + String(digits[Int(scalar.value >> 4)]) + String(digits[Int(scalar.value & 15)])
            default: out.unicodeScalars.append(scalar)
            }
        }
        return out + "\""
    }
}
