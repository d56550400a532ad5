import Core

/// What was learnt from types that decoded themselves: the objects met, by component name.
final class SchemaNotes {
    private(set) var components: [String: Schema] = [:]
    /// The types being described now, outermost first.
    private var open: [String] = []

    /// The shape of `type`, and the made-up value it took. Throws where the type refuses
    /// made-up values, contains itself, or holds a number or a key that JSON lacks here.
    func describe<Value: Decodable>(_ type: Value.Type) throws -> (schema: Schema, value: Value) {
        if let leaf = Self.leaf(type), let value = leaf.value as? Value { return (leaf.schema, value) }
        let name = Schemas.componentName(of: type)
        // A leaf that is unknown here asks for itself again, too.
        guard !open.contains(name) else {
            throw HubError(
                .internalError,
                "cannot describe \(name) within \(open.joined(separator: ", ")): expected a type that does not contain itself, of texts, Booleans, Int, Int64 and Double; split it"
            )
        }
        open.append(name)
        defer { open.removeLast() }
        let recorder = SchemaRecorder(notes: self)
        let value = try Value(from: recorder)
        guard let schema = recorder.schema else {
            throw HubError(.internalError, "\(name) decodes without asking for anything: expected at least one field")
        }
        guard case .object = schema else { return (schema, value) }
        components[name] = schema
        return (.reference(name), value)
    }

    private static func leaf(_ type: any Any.Type) -> (schema: Schema, value: any Sendable)? {
        switch type {
        case is String.Type: (.string, "")
        case is Bool.Type: (.boolean, false)
        case is Int.Type: (.integer, 0)
        case is Int64.Type: (.integer, Int64(0))
        case is Double.Type: (.number, 0.0)
        default: nil
        }
    }
}
