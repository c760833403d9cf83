{
  lib,
  rustPlatform,
  libx11,
  libxcursor,
  libxi,
  libxkbcommon,
  patchelf,
  wayland,
}:
let
  manifest = (lib.importTOML ../../Cargo.toml).package;
  # The window opens these by itself.
  libraries = [
    libx11
    libxcursor
    libxi
    libxkbcommon
    wayland
  ];
in
rustPlatform.buildRustPackage {
  pname = manifest.name;
  inherit (manifest) version;

  src = ../..;
  cargoLock.lockFile = ../../Cargo.lock;

  # The tests need a desktop.
  doCheck = false;
  nativeBuildInputs = [ patchelf ];

  postPatch = "patchShebangs packaging/build";

  postInstall = ''
    packaging/build tree --binary $out/bin/${manifest.name} --out .
    cp --recursive tree/usr/. tree/etc $out/
    # What polkit starts has its place in /usr/libexec, which NixOS has not: nobody is asked for processes of other users.
    rm --recursive $out/bin/${manifest.name}-kill $out/libexec $out/share/polkit-1
    substituteInPlace $out/lib/systemd/user/${manifest.name}.service --replace-fail /usr/bin/ $out/bin/
  '';

  # After the fixup, which takes away what is linked to nothing.
  postFixup = "patchelf --add-rpath ${lib.makeLibraryPath libraries} $out/bin/${manifest.name}";

  meta = {
    inherit (manifest) description;
    homepage = manifest.repository;
    license = with lib.licenses; [
      mit
      asl20
    ];
    mainProgram = manifest.name;
    platforms = lib.platforms.linux;
  };
}
