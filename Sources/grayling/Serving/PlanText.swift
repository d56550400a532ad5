import API
import Core

/// A plan for people.
struct PlanText {
    let plan: PlanInfo

    init(_ plan: PlanInfo) { self.plan = plan }

    func show(quiet: Bool) {
        if quiet { return Terminal.line(plan.hash) }
        Terminal.line(headline)
        showChanges()
        showMemory()
        showNeeds()
        showEstimates()
        for warning in plan.warnings { Terminal.line("  ! \(Terminal.plain(warning))") }
        Terminal.line("")
        Terminal.line("plan  \(plan.hash)")
        Terminal.line("lock  \(plan.lock)")
    }

    private var headline: String {
        let to = Self.label(plan.to)
        switch plan.kind {
        case "release":
            guard let from = plan.from else { return "\(plan.endpoint): a first release of \(to)" }
            return "\(plan.endpoint): a release from \(Self.label(from)) to \(to)"
        case "settings": return "\(plan.endpoint): new settings, in effect at once; \(to) goes on serving"
        default: return "\(plan.endpoint): nothing would change; \(to) serves"
        }
    }

    static func label(_ label: BackendLabelInfo) -> String { "\(label.model)@\(label.version)" }

    private func showChanges() {
        let signs = ["added": "+", "changed": "~", "removed": "-"]
        for change in plan.changes {
            let sign = signs[change.kind] ?? "~"
            let values: String
            switch (change.before, change.after) {
            case (let before?, let after?): values = "\(before) -> \(after)"
            case (nil, let after?): values = after
            case (let before?, nil): values = before
            case (nil, nil): values = ""
            }
            Terminal.line("  \(sign) \(Terminal.plain(change.field)): \(Terminal.plain(values))")
        }
    }

    private func showMemory() {
        let memory = plan.memory
        guard memory.peak > 0 || !memory.fits else { return }
        let parts =
            "stable \(Terminal.size(memory.stable)), candidate \(Terminal.size(memory.candidate)), other endpoints \(Terminal.size(memory.others))"
        let room = memory.available.map { " of \(Terminal.size($0))" } ?? ""
        Terminal.line("  memory: at most \(Terminal.size(memory.peak))\(room) (\(parts)); \(memory.fits ? "both versions fit" : "DOES NOT FIT")")
        if let gap = plan.expectedGap { Terminal.line("  nothing is served for up to \(Units.reading(gap)) while the version is exchanged") }
    }

    private func showNeeds() {
        for need in plan.needs { Terminal.line("  \(need.isMet ? "can" : "CANNOT"): \(Terminal.plain(need.name))") }
    }

    private func showEstimates() {
        guard !plan.estimates.isEmpty else { return }
        Terminal.line("  evidence until a verdict, should the new version be as good:")
        let rows = plan.estimates.map { estimate in
            [
                "    \(estimate.metric)", estimate.requests.map { Terminal.count(Int($0), "request") } ?? "not foreseeable",
                estimate.time.map { "about \(Units.reading($0)) at recent traffic" } ?? "time not foreseeable"
            ]
        }
        Terminal.table(rows)
    }
}
