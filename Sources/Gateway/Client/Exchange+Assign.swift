import Core
import Release
import Synchronization

extension Exchange {
    /// The endpoint is known: may this request use it, and which side does it get?
    func admit(_ route: EndpointRoute) {
        if route.route.access == .tenants, !usesTenantKey {
            return refuse(
                .unauthorized, "unknown-key", "This endpoint is for tenants: send an API key as 'Authorization: Bearer KEY' or 'x-api-key: KEY'.",
                challenge: true)
        }
        if withHead({ Target.hasDotSegment($0.at(path)) }) {
            return refuse(.badRequest, "dot-segment", "The path has a segment '.' or '..': send the path that is meant.")
        }
        let wall = lane.settings.wallClock
        if let account, let wait = account.admit(route.route.endpoint, route.route.limits, steady: lane.now, wall: wall) {
            return refuse(.tooManyRequests, "quota-exceeded", "The quota of '\(account.tenant.name)' is used up; try again later.", retryAfter: wait)
        }
        guard assign(route), let side = assigned else {
            return refuse(.serviceUnavailable, "no-version", "No version of this endpoint serves yet.", retryAfter: 5)
        }
        if let shadow = route.shadow, side.target.variant == .stable, source == .hash, lane.draw.bucket() < shadow.rule.ratio { wantsShadow = true }
        invite()
        acquire(side)
    }

    /// Pin, then rule, then hash: only the last is random, and compared.
    private func assign(_ route: EndpointRoute) -> Bool {
        guard !route.sides.isEmpty else { return false }
        if let pin = route.pinHeader, account?.tenant.mayPin == true, usesTenantKey,
            let variant = header(pin).flatMap({ Variant(rawValue: $0.text) }),
            let side = route.side(variant)
        {
            source = .pin
            assigned = side
            return true
        }
        for rule in route.rules where value(of: rule.key, in: route).map({ $0.elementsEqual(rule.equals) }) ?? false {
            guard let side = route.side(rule.variant) else { continue }
            source = .rule
            assigned = side
            return true
        }
        var bucket: Int?
        for key in route.keys {
            guard let value = value(of: key, in: route) else { continue }
            let text = String(decoding: value, as: UTF8.self)
            bucket = route.hash.bucket(salt: route.route.salt, key: text)
            if route.route.release != nil { keyHash = route.hash.key(text) }
            hasKey = true
            break
        }
        if bucket == nil {
            bucket = lane.draw.bucket()
            keyHash = lane.draw.next()
            hasKey = false
        }
        source = .hash
        assigned = route.sides.count == 1 ? route.sides[0] : route.side(route.route.variant(bucket: bucket ?? 0)) ?? route.sides[0]
        if route.route.servesAnyReady, let side = assigned, route.side(.stable)?.isReady == false, !side.isReady,
            let other = route.sides.first(where: \.isReady)
        {
            assigned = other
            source = .emergency
        } else if route.route.servesAnyReady, route.side(.stable)?.isReady == false {
            source = .emergency
        }
        return true
    }

    private func header(_ lowercase: [UInt8]) -> [UInt8]? {
        withHead { bytes in
            for field in fields where field.name.count == lowercase.count {
                let name = bytes.at(field.name)
                var isSame = true
                for i in 0..<name.count {
                    let isUpper: UInt8 = name[i] >= 0x41 && name[i] <= 0x5A ? 0x20 : 0
                    if name[i] | isUpper != lowercase[i] { isSame = false; break }
                }
                if isSame { return Array(bytes.at(field.value)) }
            }
            return nil
        }
    }

    private func value(of key: EndpointRoute.Key, in route: EndpointRoute) -> [UInt8]? {
        let value: [UInt8]?
        switch key {
        case .header(let name): value = header(name)
        case .cookie(let name): value = cookie(name)
        case .body(let index): value = scanner.bytes(index).map(Array.init)
        case .tenant: value = usesTenantKey ? account.map { Array($0.tenant.name.utf8) } : nil
        }
        return value?.isEmpty == false ? value : nil
    }

    /// The first cookie of this name (RFC 6265 section 4.2).
    private func cookie(_ name: [UInt8]) -> [UInt8]? {
        withHead { bytes in
            for field in fields where field.kind == .cookie {
                let text = bytes.at(field.value)
                var start = 0
                while start < text.count {
                    let end = text.index(of: 0x3B, from: start) ?? text.count
                    while start < end, text[start].isBlank { start += 1 }
                    if end - start > name.count, text[start + name.count] == 0x3D,
                        Bytes(rebasing: text[start..<start + name.count]).isSame(as: name)
                    {
                        return Array(text[start + name.count + 1..<end])
                    }
                    start = end + 1
                }
            }
            return nil
        }
    }
}

extension [UInt8] {
    fileprivate var text: String { String(decoding: self, as: UTF8.self) }
}
