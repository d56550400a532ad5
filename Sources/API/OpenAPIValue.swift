/// JSON being put together, in the shape of Swift literals.
indirect enum OpenAPIValue: Encodable, Sendable {
    case string(String)
    case boolean(Bool)
    case array([OpenAPIValue])
    case object([String: OpenAPIValue])

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .string(let text): try container.encode(text)
        case .boolean(let flag): try container.encode(flag)
        case .array(let elements): try container.encode(elements)
        case .object(let members): try container.encode(members)
        }
    }
}

extension OpenAPIValue: ExpressibleByStringLiteral, ExpressibleByBooleanLiteral {
    init(stringLiteral text: String) { self = .string(text) }
    init(booleanLiteral flag: Bool) { self = .boolean(flag) }
}

extension OpenAPIValue: ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral {
    init(arrayLiteral elements: OpenAPIValue...) { self = .array(elements) }
    init(dictionaryLiteral members: (String, OpenAPIValue)...) { self = .object(Dictionary(uniqueKeysWithValues: members)) }
}
