/// The shape of one JSON body, as far as a reader of the API needs to know it.
package indirect enum Schema: Hashable, Sendable {
    case string
    case boolean
    /// Fits 64 bits.
    case integer
    case number
    case array(Schema)
    /// Any keys, values of one shape.
    case dictionary(Schema)
    /// Fields in byte order of their names.
    case object([Field])
    /// A component of `Schemas.components`, by its name there.
    case reference(String)

    package struct Field: Hashable, Sendable {
        package let name: String
        package let schema: Schema
        /// May be absent. What is absent is left out, never sent as null.
        package let isOptional: Bool

        package init(name: String, schema: Schema, isOptional: Bool) {
            self.name = name
            self.schema = schema
            self.isOptional = isOptional
        }
    }
}

extension Schema {
    /// JSON Schema 2020-12, the dialect of OpenAPI 3.1. Objects stay open: a newer server may
    /// send more fields than these.
    var openAPI: OpenAPIValue {
        switch self {
        case .string: ["type": "string"]
        case .boolean: ["type": "boolean"]
        case .integer: ["type": "integer", "format": "int64"]
        case .number: ["type": "number"]
        case .array(let element): ["type": "array", "items": element.openAPI]
        case .dictionary(let value): ["type": "object", "additionalProperties": value.openAPI]
        case .object(let fields): object(fields)
        case .reference(let name): ["$ref": .string("#/components/schemas/\(name)")]
        }
    }

    private func object(_ fields: [Field]) -> OpenAPIValue {
        var members: [String: OpenAPIValue] = [
            "type": "object",
            "properties": .object(Dictionary(uniqueKeysWithValues: fields.map { ($0.name, $0.schema.openAPI) }))
        ]
        let required = fields.filter { !$0.isOptional }.map { OpenAPIValue.string($0.name) }
        if !required.isEmpty { members["required"] = .array(required) }
        return .object(members)
    }
}
